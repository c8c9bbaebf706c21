// Package differential gives the same received bytes to everything in this module
// that makes messages of them: package wsproto, the helpers and the Stream of
// package wsutil, package websocket and package wspoll, on goroutines and by epoll.
// The messages, what is sent in answer, and what the connection ends for have to be
// the same, however the bytes were cut on their way. What may differ is a list, with a
// reason for each entry. The package has tests only.
package differential

// Package connpool keeps connections that carry many streams, such as those of HTTP/2
// and HTTP/3, by where they lead to.
//
// Whoever wants a stream is given a connection that has room for one, with a
// reservation on it. If there is none, one is made, by one of the callers for all that
// want the same: they wait for it together, and what is being made is given up when
// nobody waits any more.
package connpool

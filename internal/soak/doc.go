// Package soak keeps servers of package websocket and package wspoll, and hubs of
// package wshub on several nodes, busy with clients that fragment, compress, ping, read
// slowly and vanish, while the servers are shut down and begun anew. Every byte that
// comes back is compared. At the end, goroutines and descriptors are as many as at the
// beginning, and the heap has not grown. It runs for a number of rounds, or as long as
// the environment's SOAK says. The package has tests only.
package soak

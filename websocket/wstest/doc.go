// Package wstest helps to test programs that speak WebSocket, without a network
// and without waiting: everything in it works in bubbles of testing/synctest,
// where an hour passes at once.
//
// # Overview
//
//	Pipe         two connected websocket.Conns, after a real handshake
//	Serve        a server for an http.Handler, with what reaches it
//	Start        the same for whatever serves a net.Listener
//	Script       a peer that does what the test tells it, right or wrong
//	ServeScript  a server of such, to test clients
//	NetPipe      two connected net.Conns with buffers, half close and deadlines
//	Listener     a net.Listener of such
//	WithFaults   a net.Conn on which something goes wrong: cut, reset, stalled, slow
//	NoLeaks      fails a test that leaves goroutines
//
// A Script sends and expects a Frame, Hex or Bytes, and the Head of a handshake. The
// page docs/testing.md of the repository shows all of it at work.
//
// # Concurrency
//
// A Script is for one goroutine. Everything else may be used by several.
//
// # Failures
//
// Where a function takes a testing.TB, it ends the test if it cannot do what it was
// asked for, and closes what it has made when the test ends. A peer that hangs
// makes the test fail after half a minute, and no verdict depends on how long
// anything takes.
package wstest

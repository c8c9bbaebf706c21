// Package wstest helps to test programs that speak WebSocket, without a network
// and without waiting: everything in it works in bubbles of testing/synctest,
// where an hour passes at once.
//
// # Overview
//
//	Pipe       two connected websocket.Conns, after a real handshake
//	NetPipe    two connected net.Conns with buffers, half close and deadlines
//	Listener   a net.Listener of such, for servers
//
// # Concurrency
//
// Connections and listeners may be used by several goroutines.
package wstest

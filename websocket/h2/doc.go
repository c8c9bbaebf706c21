// Package h2 opens WebSockets over HTTP/2 (RFC 8441): many of them on one connection,
// each a stream of it.
//
//	client := &http.Client{Transport: &h2.Transport{}}
//	c, _, err := websocket.Dial(ctx, "wss://example.com/", &websocket.DialOptions{HTTPClient: client})
//
// What Dial returns is used as any other [websocket.Conn]. A server that does not offer
// WebSocket over HTTP/2 is reached by HTTP/1.1.
//
// # Connections
//
// A [Transport] keeps connections and opens streams on them, as many as the server
// allows (SETTINGS_MAX_CONCURRENT_STREAMS); then it opens another connection. A server
// that is going away (GOAWAY) is sent no new streams on that connection; those that
// there are go on until they end. A request that the server has not looked at is sent
// again on another connection.
//
// A connection that has been silent is asked whether the server is still there (PING).
// One without streams is closed after a while.
//
// # Flow control
//
// Each WebSocket has a window of its own, [Transport.StreamWindow]: so much is received
// ahead of whoever reads. The connection's window counts only what is on its way, so a
// WebSocket that nobody reads does not stop the others. In the other direction it is
// the server that grants windows.
//
// # Memory
//
// A connection has two goroutines and up to about 200 KiB of buffers, whatever the
// number of its WebSockets. A WebSocket that waits has no goroutine and no more than
// 4 KiB here; what it has received and nobody has read is StreamWindow at most.
//
// # Errors
//
// When the server resets a stream, the *websocket.ConnError that every call returns has
// a [*StreamError] in it, and a [*ConnError] when the connection is lost or ended; both
// are found by errors.As, and websocket.EndedByTransport is what has ended the
// WebSocket.
//
// # Concurrency
//
// Everything may be used by several goroutines at once.
//
// # Limits
//
// Frames that carry nothing (SETTINGS, PING, empty DATA and the like) are taken at a
// rate of 100 a second and 2,000 at once, and more where data flows. Fields of a
// response have to fit into [Transport.MaxHeaderBytes]. A server that breaks the rules
// of RFC 9113 loses the stream or the connection.
package h2

// Package h3 carries WebSockets over HTTP/3 (RFC 9220), each on a stream of a
// connection of QUIC. Both ends are here, on github.com/quic-go/quic-go. What comes out
// is a [websocket.Conn] as any other: the messages, options and errors are the same.
//
// It is experimental: hardly anybody else speaks RFC 9220 yet, so it is tried with
// itself and with Chromium, and its names may change.
//
// # Servers
//
// An http3.Server offers WebSocket by itself. [Handler] goes around its handler:
//
//	server := &http3.Server{
//		TLSConfig:  config,
//		QUICConfig: h3.QUICConfig(100, 0),
//		Handler:    h3.Handler(mux),
//	}
//
// websocket.Accept and websocket.Server in mux take the stream then. The connection
// outlives its handler, as it does over HTTP/1.1. Without Handler they work too, but the
// connection ends with its handler, and each message passes through two goroutines more.
//
// # Clients
//
//	client := &http.Client{Transport: &h3.Transport{}}
//	c, _, err := websocket.Dial(ctx, "wss://example.com/", &websocket.DialOptions{HTTPClient: client})
//
// A [Transport] keeps connections and opens streams on them, up to
// [Transport.MaxStreams] each; then it opens another connection. A connection on which
// the server goes away (GOAWAY) takes no new streams; those that there are go on until
// they end. A request that the server has not looked at is sent again on another
// connection. HTTP/3 needs UDP, which not every network lets through: what is to be
// done then is [Transport.Fallback].
//
// # Flow control
//
// QUIC has a window for each stream, and one for the connection, which a stream that
// nobody reads uses up. [QUICConfig] makes the latter large enough for all streams
// together. The Transport does so by itself.
//
// # Loss
//
// QUIC notices that a peer has vanished when nothing has come from it for
// quic.Config.MaxIdleTimeout, 30 seconds unless it is set. One packet in ten seconds
// keeps a connection alive for all of its WebSockets, so websocket.KeepAlive is needed
// only to find out whether the program at the other end still answers.
//
// # Memory
//
// What QUIC needs for a connection is shared by its WebSockets. One that waits in a Read
// has a goroutine and a buffer of 4 KiB besides.
//
// # Errors
//
// When the peer resets a stream, the *websocket.ConnError that every call returns has a
// [*StreamError] in it, and a [*ConnError] when the connection is lost or ended; both
// are found by errors.As, and websocket.EndedByTransport is what has ended the
// WebSocket.
//
// # Concurrency
//
// Everything may be used by several goroutines at once.
package h3

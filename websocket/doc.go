// Package websocket has WebSocket connections (RFC 6455) for servers and clients.
// [Accept] makes one of a request in an HTTP handler, and [Dial] connects to a server.
// Both return a [Conn], whose methods take contexts and may be called by any
// goroutine. The API is a superset of that of github.com/coder/websocket.
//
// # Overview
//
//   - To begin: [Accept], [AcceptConn] for a net.Conn without an HTTP server, [New] over
//     a connection that somebody else has upgraded, [Dial].
//   - To read: [Conn.Read], [Conn.ReadAppend] and [Conn.Reader]; [Conn.Messages] for a
//     loop; [Conn.Serve], which calls a handler for each message and reads and writes
//     many of them by one system call.
//   - To write: [Conn.Write], [Conn.Writer], [Conn.WritePrepared] for one message to
//     many, [Conn.WriteUncompressed]; with a [Queue], [Conn.Enqueue] and
//     [Conn.Deliver], which do not wait for slow peers.
//   - To find out whether the peer is still there: [KeepAlive] of the options,
//     [Conn.Ping], [Conn.PingRTT], [Conn.SendPing] and [Conn.RTT].
//   - To end: [Conn.Close], [Conn.CloseContext], [Conn.CloseLater], [Conn.CloseNow].
//   - All connections together: [Server], with limits and Shutdown.
//   - A client that stays connected: [Redial].
//   - To observe: [Counters], [Conn.Stats], OnOpen of the options, [Conn.Context],
//     [Conn.UnderlyingConn] and [Conn.TLS].
//   - As a net.Conn: [NetConn].
//
// Package wsjson reads and writes messages of JSON, and wspb, in a module of its
// own, those of protocol buffers. Package wstest helps to test programs that use
// this one.
//
// Something has to read a connection, or its pings are not answered and its end is
// not noticed. A program that only writes calls [Conn.CloseRead].
//
// # Contexts and timeouts
//
// Cancelling a context ends the call that it was given to, and not the connection,
// which can be used further. There are two exceptions. If a frame of more than 64 KiB
// was under way to the peer, the connection has ended. So it has if the transport does
// not survive: TLS that was interrupted while writing, and an http.Client whose
// transport shows no net.Conn.
//
// Every call that takes a context returns when that ends, whatever the peer and the
// transport do. A transport that has no deadlines, or ignores them, is closed
// instead, at most a quarter of a second later.
//
// ReadTimeout and WriteTimeout of the options hold for as long as the connection does.
// What is to hold for one call, such as a first message that has to come soon, is a
// context with a timeout for that call; [NetConn] has deadlines that can be moved while
// a call waits.
//
// # Peers that vanish
//
// TCP does not tell that a peer has lost its power or its network. [KeepAlive] of the
// options pings a peer that has been silent while a read was waiting, and ends the
// connection if it stays silent. StallTimeout ends the connection of a peer that takes
// nothing of what is sent to it.
//
// # Pings
//
// [Conn.Ping] does not read: its pong is found by [Conn.Serve], [Conn.Read],
// [Conn.Reader] or [Conn.CloseRead] in another goroutine. If nothing has read, its error
// is [ErrNobodyReads]. [Conn.SendPing] does not wait for its pong. [Conn.RTT] is how long
// the last ping took to be answered, those of KeepAlive included.
//
// Pings of the peer are answered by whatever reads, which does not wait for that. Where
// a pong cannot be sent at once, because something else is being written or the peer
// takes nothing, up to 16 wait for the next frame that is written, or for a goroutine, of
// which a connection has one at most. If more pings come meanwhile, the most recent one
// is answered for all (RFC 6455, 5.5.3).
//
// # Compression
//
// Compression is off by default. CompressionMode of the options allows for it,
// CompressionThreshold says from which size on, and [CompressionOptions] at which level,
// within which window and memory. [Conn.WriteUncompressed] leaves a single message as it
// is.
//
// # The end
//
// Whatever ends a connection, all its methods return the same [*ConnError] from then on.
// It says who or what it was, and errors.Is finds net.ErrClosed in it, whichever side has
// closed the connection. [CloseStatus] returns the code of the close frame that the peer
// has sent, and [IsUnexpectedClose] whether that is to be logged.
//
// A write that the transport refuses ends writing only. [Conn.Read], [Conn.Reader] and
// [Conn.Serve] go on to the end: what the peer sent before is read, and its close frame,
// if there is one, is why the connection has ended, with the error of the write beside it.
//
// A Read that begins while another goroutine closes the connection returns when that
// is done, so that a handler which ends by CloseNow does not cut it off. What
// arrives after Close was called is dropped, whatever its size.
//
// [Conn.Context] returns a context that ends with the connection, for work that is to
// stop then. OnOpen of the options is called when a connection has begun, and a function
// that it returns when that has ended: for logs, metrics and traces.
//
// If a Handler or a hook panics, the connection is closed, and the panic goes on.
//
// A net.Conn that breaks its contract is the end too, and the cause says how:
// io.ErrShortWrite for a Write that takes less without an error, io.ErrNoProgress
// for 100 Reads without bytes or an error, [*ws.CountError] for a count that cannot
// be.
//
// # Limits
//
// A message may have 32,768 bytes, unless [Conn.SetReadLimit] says otherwise. A longer
// one is [ErrMessageTooBig], and the peer is sent close code 1009.
//
// A compressed message is measured by what it inflates to, and may have an eighth and 64
// bytes more before that: some messages get longer by being compressed. It may
// not inflate to more than 200 times its size once it has more than 8 MiB;
// CompressionOptions.MaxRatio changes that.
//
// A message may consist of 131,072 frames, with 4,096 control frames between them;
// MaxFragments and MaxControls of the options change that. MessageBudget bounds what
// connections hold together of messages that have not come as a whole. HeadLimits bounds
// the heads of the handshake, where net/http's server does not. Rate of [AcceptOptions]
// bounds what a peer sends over time.
//
// # Fairness
//
// A connection whose peer floods it lets other goroutines run after 128 KiB; with
// Read or Reader, also after 128 messages or control frames. A goroutine that waits for
// its turn to write and has been passed over is next.
//
// # Memory
//
// A connection that waits for bytes borrows no buffer: it holds at most 1,200
// bytes of heap, its net.Conn and the descriptor of its goroutine included,
// besides that goroutine's stack. With a context that can be cancelled it is at
// most 1,800, that context included. Where it does not read a TCP or unix socket
// itself, as over TLS and after Dial, it waits with 32 bytes of its own. While it
// handles what has arrived it has buffers of 72 KiB from a pool. A message is put
// together in the buffer that it was received into. A connection has at most one timer
// for KeepAlive and the timeouts, which traffic does not move.
//
// Using one context for all calls costs no allocation; a new one that can be cancelled
// costs two, if the call has to wait. ReadTimeout and WriteTimeout cost none.
//
// A loop inside an HTTP handler keeps that server's request and its buffers,
// about 10 KiB, alive. To avoid that, let the handler return and read in a
// goroutine of its own, with another context than the request's, or accept with
// [AcceptConn]. TLS keeps buffers of its own.
//
// # In a web page
//
// With GOOS=js and GOARCH=wasm, [Dial] uses the WebSocket of the page that the program runs
// in, or of Node. Everything else is as on other platforms, except for what a page cannot do:
//
//   - It cannot ping: Ping, PingRTT and SendPing return errors.ErrUnsupported. It answers
//     pings, and tells nobody.
//   - It sends close codes 1000 and 3000 to 4999 only. With another one, Close sends a close
//     frame without a code, and returns errors.ErrUnsupported; so a message over the read
//     limit is [ErrMessageTooBig] here, and no code 1009 there. CloseNow sends one too.
//   - Of [DialOptions] it cannot honour Host, HTTPHeader, KeepAlive, OnPingReceived,
//     OnPongReceived, StallTimeout, and of HTTPClient all but Timeout: with one of these set,
//     Dial returns errors.ErrUnsupported. It decides about compression itself, and Compressed
//     is false.
//   - It is not told why it could not connect, and so Redial tries again whatever the server's
//     answer was.
//   - It cannot have the peer wait. Messages that nobody reads pile up to 64 MiB, and then are
//     the end of the connection.
//   - Text has to be UTF-8 to be sent. Otherwise writing ends, and the connection.
//
// Write waits while more than 1 MiB of what was written before has not left. A message is
// handed to the page as a whole, that of a Writer too; once it has been, it is sent even if
// the context ends.
//
// # Limitations
//
// Text is checked when it is received, not when it is written. A server of net/http
// offers WebSocket over HTTP/2 only if package xconnect is imported, and the client
// for it is package h2, a module of its own.
package websocket

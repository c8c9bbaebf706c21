// Package websocket is the friendly WebSocket connection (RFC 6455): Accept in
// an HTTP handler or on a net.Conn, Dial with an http.Client, New over a connection
// that somebody else has upgraded, and a Conn whose methods are safe for concurrent
// use and take contexts. Its API is a superset of that of
// github.com/coder/websocket.
//
// # Overview
//
//	pull     Read, ReadAppend, Reader,      the program asks for messages
//	         Messages
//	push     Serve                          a handler is called for each one
//	write    Write, Writer, WritePrepared, WriteUncompressed
//	alive    Ping, PingRTT, SendPing, RTT, CloseRead, hooks, KeepAlive
//	end      Close, CloseContext, CloseLater, CloseNow
//	as a     net.Conn: NetConn
//	again    Redial                         a client that stays connected
//	count    Counters, Stats
//	server   Server: all connections together, limits, Shutdown
//	seen by  OnOpen, Context, UnderlyingConn, TLS
//
// Package wsjson reads and writes messages of JSON, and wspb, in a module of its
// own, those of protocol buffers. Package wstest helps to test programs that use
// this one.
//
// # Contexts and timeouts
//
// When the context of a call ends, so does the call. The connection goes on, unless a frame of more than 64 KiB was under way to the peer, or the
// transport itself does not survive it: TLS that was interrupted while writing,
// and an http.Client whose transport shows no net.Conn.
//
// Every call that takes a context returns within it, whatever the peer and the
// transport do. A transport that has no deadlines, or ignores them, is closed
// instead, at most a quarter of a second later.
//
// A call allocates nothing for a context that cannot be cancelled, or that is
// the one of the call before; two objects otherwise, if it has to wait.
// ReadTimeout and WriteTimeout of the options cost no allocation. They hold for as long
// as the connection does. What is to hold for one call, such as a first message that
// has to come soon, is a context with a timeout for that call; NetConn has deadlines
// that can be moved while a call waits.
//
// # Pings
//
// Ping does not read: its pong is found by Serve, Read, Reader or CloseRead in
// another goroutine. If there was none of them, its error is ErrNobodyReads. SendPing
// does not wait for its pong. RTT is how long the last ping took to be answered, those
// of KeepAlive included.
//
// Whoever reads answers pings and does not wait for that. Where a pong cannot be
// sent at once, because somebody is writing or the peer takes nothing, up to 16
// wait for the next frame that is written, or for a goroutine, of which a
// connection has one at most. If more pings come meanwhile, the most recent one is
// answered for all (RFC 6455, 5.5.3).
//
// # Peers that vanish
//
// TCP does not tell that a peer has lost its power or its network. KeepAlive of the
// options pings a peer that has been silent while a read was waiting, and ends the
// connection if it stays silent. StallTimeout ends that of a peer that takes nothing
// of what is sent to it. A connection has at most one timer for that, which traffic
// does not move.
//
// # Fairness
//
// A connection whose peer floods it lets other goroutines run after 128 KiB; where
// they are read by Read or Reader, also after 128 messages or control frames.
// Whoever waits for the turn to write and has been passed over is next.
//
// # Compression
//
// CompressionMode of the options allows for it, CompressionThreshold says from which
// size on, and CompressionOptions at which level, within which window and memory.
// WriteUncompressed leaves a single message as it is.
//
// # The end
//
// Whatever ends a connection, all its methods return the same *ConnError from
// then on, which says who or what it was, and in which errors.Is finds
// net.ErrClosed, whoever has closed it. CloseStatus returns the code of the close frame that the peer
// has sent, and IsUnexpectedClose whether that is to be logged.
//
// A write that the transport refuses ends writing only. Read, Reader and Serve go
// on to the end: what the peer sent before is read, and its close frame, if there
// is one, is why the connection has ended, with the error of the write beside it.
//
// A Read that begins while somebody else closes the connection returns when that
// is done, so that a handler which ends by CloseNow does not cut it off. What
// arrives after Close was called is dropped, whatever its size.
//
// Context returns a context that ends with the connection, for work that is to stop
// then. OnOpen of the options is called when a connection has begun, and a function
// that it returns when that has ended: for logs, metrics and traces.
//
// If a Handler or a hook panics, the connection is closed, and the panic goes on.
//
// A net.Conn that breaks its contract is the end too, and the cause says how:
// io.ErrShortWrite for a Write that takes less without an error, io.ErrNoProgress
// for 100 Reads without bytes or an error, *ws.CountError for a count that cannot
// be.
//
// # Memory
//
// A connection that waits for bytes borrows no buffer: it holds at most 1,200
// bytes of heap, its net.Conn and the descriptor of its goroutine included,
// besides that goroutine's stack. With a context that can be cancelled it is at
// most 1,800, that context included. Where it does not read a TCP or unix socket
// itself, as over TLS and after Dial, it waits with 32 bytes of its own. While it handles what has arrived it has
// buffers of 72 KiB from a pool. A message is put together in the buffer that it
// was received into.
//
// A loop inside an HTTP handler keeps that server's request and its buffers,
// about 10 KiB, alive. To avoid that, let the handler return and read in a
// goroutine of its own, with another context than the request's, or accept with
// AcceptConn. TLS keeps buffers of its own.
//
// # Limits
//
// A message may have 32,768 bytes, unless SetReadLimit says otherwise. A
// compressed one is measured by what it inflates to, and may have an eighth and 64
// bytes more before that: some messages get longer by being compressed. It may
// not inflate to more than 200 times its size once it has more than 8 MiB;
// CompressionOptions.MaxRatio changes that. MessageBudget bounds what connections
// hold together of messages that have not come as a whole. A message may
// consist of 131,072 frames, with 4,096 control frames between them; MaxFragments
// and MaxControls of the options change that. HeadLimits bounds the heads of the
// handshake, where net/http's server does not. Rate of AcceptOptions bounds what a peer
// sends over time.
//
// # Limitations
//
// WebSocket over HTTP/2 (RFC 8441) is refused. Text is checked when it is
// received, not when it is written.
package websocket

// Package ws is RFC 6455 itself: frames, close codes, masks, and the opening
// handshake of both sides.
//
// Messages, pings and closing are not here: package wsutil has them for a net.Conn,
// package websocket for HTTP handlers and clients, and package wsproto for event loops.
//
// # Overview
//
// To accept a connection, [Upgrader.Upgrade] answers the handshake on a net.Conn, and
// [HTTPUpgrader.Upgrade] within net/http; [Upgrade] and [UpgradeHTTP] do so without
// options. To connect there are [Dialer.Dial] and [Dial]. From then on the connection
// carries frames: [ReadFrame] and [WriteFrame].
//
// Every step also exists as a function over bytes, which does no I/O and allocates
// nothing:
//
//	           bytes                              io
//	header     ParseHeader, AppendHeader          ReadHeader, WriteHeader
//	frame      AppendFrame, AppendCipher          ReadFrameBuffer, WriteFrame
//	close      ParseClose, AppendClose
//	rules      CheckHeader, CheckCloseFrameData
//	server     ServerHandshake                    Upgrader, HTTPUpgrader (net/http)
//	client     ClientHandshake                    Dialer
//
// The verbs have one meaning each: Parse goes from bytes to a value and copies
// nothing, Append from a value to bytes after those in dst, Check applies rules
// to values, Read and Write do I/O.
//
// The exported API is a superset of that of github.com/gobwas/ws v1.5.0, and
// keeps to the RFCs where that does not.
//
// # Timeouts
//
// Timeout of an [Upgrader], an [HTTPUpgrader] or a [Dialer] bounds the handshake. An
// Upgrader without one waits for its client as long as the connection's own deadline
// says. After the handshake all deadlines are the caller's.
//
// # Errors
//
// A server that refuses answers the client, and returns a [*ConnectionRejectedError];
// errors.Is tells the rule, such as [ErrHandshakeBadHost]. The client gets a
// [*ResponseError] with the status, the header and the beginning of the body. A proxy
// that does not connect is a [*ProxyError]. Bytes that are no frame are a
// [ProtocolError].
//
// A connection, reader or writer that breaks its contract gives an error and no
// hang, panic or loss: io.ErrShortWrite for a Write that takes less without an
// error, io.ErrNoProgress for 100 Reads without bytes or an error, and a
// [*CountError] for a count that cannot be.
//
// # Limits
//
// A handshake's head may have 64 KiB, its lines 16 KiB each, and 128 fields;
// [ReadFrame] reads payloads of up to 32 MiB. All of them are arguments or
// fields. There are no other limits here, and no policy: a server for web pages
// sets Origin and Timeout of its [Upgrader]. The page docs/security.md has the
// details.
//
// # Concurrency
//
// Functions may be called concurrently. [Upgrader], [HTTPUpgrader] and [Dialer]
// are not changed by their methods and may be shared. A [ServerHandshake] or
// [ClientHandshake] belongs to one connection.
//
// # Memory
//
// What [ParseHeader] and the handshakes return aliases nothing that they were given;
// the reason that [ParseClose] returns does. Slices that callbacks are given are valid
// until they return. No memory is allocated for the length that a frame declares:
// [ReadFrame] grows with what arrives, up to a limit.
//
// # Limitations
//
// WebSocket over HTTP/2 (RFC 8441) is refused. Host names are not translated to
// ASCII (IDNA). [Dialer] uses a proxy only if its field Proxy says so.
package ws

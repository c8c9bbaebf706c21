// Package ws is RFC 6455 itself: frames, close codes, masks, and the opening
// handshake of both sides.
//
// # Overview
//
// Every step is a function over bytes, which does no I/O and allocates nothing.
// Thin wrappers read and write.
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
// keeps to the RFCs where that does not. Messages, fragments and control frames
// in between are the subject of package wsproto.
//
// # Limits
//
// A handshake's head may have 64 KiB, its lines 16 KiB each, and 128 fields;
// [ReadFrame] reads payloads of up to 32 MiB. All of them are arguments or
// fields. There are no other limits here, and no policy: a server for web pages
// sets Origin and Timeout of its Upgrader. The page docs/security.md has the
// details.
//
// # Memory
//
// What [ParseHeader], [ParseClose] and the handshakes return aliases nothing
// that they were given, but for ParseClose's reason; slices that callbacks are
// given are valid until they return. No memory is allocated for the length that
// a frame declares: [ReadFrame] grows with what arrives, up to a limit.
//
// # Concurrency
//
// Functions may be called concurrently. [Upgrader], [HTTPUpgrader] and [Dialer]
// are not changed by their methods and may be shared. A [ServerHandshake] or
// [ClientHandshake] belongs to one connection.
//
// # Broken connections
//
// A connection, reader or writer that breaks its contract gives an error and no
// hang, panic or loss: io.ErrShortWrite for a Write that takes less without an
// error, io.ErrNoProgress for 100 Reads without bytes or an error, and a
// [*CountError] for a count that cannot be.
//
// # Limitations
//
// WebSocket over HTTP/2 (RFC 8441) is refused. Host names are not translated to
// ASCII (IDNA). [Dialer] uses a proxy only if its field Proxy says so.
package ws

// Package ws is RFC 6455 itself: frames, close codes, masks, and the opening
// handshake of both sides.
//
// # Overview
//
// Every step exists as a function over bytes, which does no I/O and allocates
// nothing; what reads and writes is a thin shell around it.
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
// nothing, Append from a value to bytes behind dst, Check judges values, Read
// and Write do I/O.
//
// The exported API is a superset of the one of github.com/gobwas/ws v1.5.0;
// where that one departs from the RFCs, this one does not. Messages, fragments
// and control frames in between are the subject of package wsproto.
//
// # Memory
//
// What ParseHeader, ParseClose and the handshakes return aliases nothing that
// they were given, but for ParseClose's reason; slices that callbacks are
// given are valid until they return. A payload is never allocated by its
// declared length: ReadFrame grows with what arrives, up to a limit.
//
// # Concurrency
//
// Functions may be called concurrently. Upgrader, HTTPUpgrader and Dialer are
// not changed by their methods and may be shared. A ServerHandshake or
// ClientHandshake belongs to one connection.
//
// # Limits
//
// A handshake's head may have 64 KiB, its lines 16 KiB each, and 128 fields;
// ReadFrame reads payloads of up to 32 MiB. All of them are arguments or
// fields. There are no other limits here, and no policy: Origin and Timeout
// have to be set by whoever needs them; docs/security.md says who does.
//
// # Broken connections
//
// A connection, reader or writer that breaks its contract gives an error and
// no hang, panic or loss: io.ErrShortWrite for a Write that takes less without
// an error, io.ErrNoProgress for 100 Reads without bytes or an error, and a
// *CountError for a count that cannot be.
//
// # Limitations
//
// WebSocket over HTTP/2 (RFC 8441) is refused. Host names are not translated
// to ASCII (IDNA). Dialer knows no proxies, but takes any connection that
// NetDial makes.
package ws

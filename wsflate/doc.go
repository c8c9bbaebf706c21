// Package wsflate is permessage-deflate (RFC 7692): its negotiation, and what
// was agreed on applied to messages.
//
// # Overview
//
// A server negotiates with an [Extension], a client with [Offers]. Both end with
// [Parameters], and [New] makes a [Deflate] of them: the extension on one
// connection. It implements [wsproto.Extension], so that whatever takes
// extensions takes it: [wsproto.Receiver], and Reader, Writer and Stream of
// package wsutil.
//
//	ext := wsflate.Extension{}
//	u := ws.Upgrader{Negotiate: ext.Negotiate}
//	if _, err := u.Upgrade(conn); err != nil {
//		return err
//	}
//	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
//	if params, ok := ext.Accepted(); ok {
//		d := wsflate.New(ws.StateServerSide, params, nil)
//		defer d.Close()
//		s.SetExtension(d)
//	}
//
// What was negotiated is done: messages refer to those before them unless
// no_context_takeover was agreed on for their direction, and never farther back
// than the window allows, which may have 256 bytes to 32 KiB.
//
// For programs that handle frames themselves there are [CompressFrame] and
// [DecompressFrame]; for those that have streams of their own, [NewReader],
// [NewWriter] and [MessageState]. They work with any DEFLATE that has the
// methods of compress/flate, and with ours.
//
// # Windows of 8 bits
//
// As a sender, 8 bits mean distances of at most 256. zlib cannot compress so and
// silently uses 9, as do the peers that are built on it; so distances of up to
// 512 are accepted where 8 bits were negotiated.
//
// # Security
//
// An attacker who can put text next to a secret in one message, and sees how
// long messages are, can guess the secret (RFC 7692, section 8; CRIME). Leave
// such messages uncompressed, by Encoder.Skip.
//
// # Limits
//
// One byte can inflate to a thousand. [Options] bound how long a message may
// become, and how many times as long as what was received of it; there are
// defaults. Over them the connection is to be closed with 1009. Nothing is
// allocated for bytes that do not come.
//
// # Concurrency
//
// One goroutine may use a [Decoder] while another uses the [Encoder] of the same
// [Deflate]. A [Prepared], a [Budget] and the functions for frames are safe for
// concurrent use; nothing else is.
//
// # Memory
//
// While a message is being compressed or inflated, tables and buffers are
// borrowed from pools. Between messages a connection holds, per direction,
// nothing without context takeover. With it and a window of 32 KiB, it holds at
// most 33 KiB to receive, and to send at most 57 KiB at level Fastest and 169
// KiB at the others; less as long as fewer bytes have passed. With a smaller
// window that falls in proportion, but at level Fastest only from 13 bits on,
// where it is 27 KiB to send. A [Budget] bounds the sum.
package wsflate

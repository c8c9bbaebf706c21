package wsproto

import (
	"github.com/wirews/wirews/ws"
)

// Decoder is the receiving half of an extension: it turns the payload of
// messages back into what the peer's application sent. It is used by one
// connection and need not be safe for concurrent use; it may be used at the
// same time as the [Encoder] of that connection.
type Decoder interface {
	// Bits returns the RSV bits that the extension owns, as in
	// ws.Header.Rsv. They may be set in the first frame of a message.
	Bits() byte

	// BeginDecode begins a message. rsv are those of its bits that the first
	// frame has set. It returns false if the message is to be taken as it is.
	BeginDecode(rsv byte) (decode bool, err error)

	// Decode decodes more of the message. It appends to dst, at most as much
	// as its capacity allows, and returns the result and how many bytes of
	// src it has consumed. It is called again with the rest of src, or with
	// more; with no bytes too. fin says that the message ends with src: once
	// all of src is consumed and dst has room left, it is complete. src is
	// valid until Decode returns.
	//
	// An error fails the connection. CloseCode finds the close code by its
	// method StatusCode, if it has one.
	Decode(dst, src []byte, fin bool) (out []byte, consumed int, err error)
}

// Encoder is the sending half of an extension, the mirror of [Decoder]. After an
// error of Encode it is not used any more, and no message is sent any more.
type Encoder interface {
	// Bits returns the RSV bits that the extension owns.
	Bits() byte

	// BeginEncode begins a message of size bytes, or of -1 if that is not
	// known. It returns the bits to set in the first frame; none of them says
	// that the message is to be sent as it is.
	BeginEncode(op ws.OpCode, size int64) (rsv byte)

	// Encode encodes more of the message; see Decoder.Decode. dst may hold
	// bytes, which stay as they are. If fin is false, it may hold back what it
	// likes.
	Encode(dst, src []byte, fin bool) (out []byte, consumed int, err error)
}

// Extension is what a handshake has agreed on for one connection: an
// extension that transforms the payload of messages (RFC 6455, section 9).
type Extension interface {
	Decoder
	Encoder
}

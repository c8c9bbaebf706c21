package ws

import "github.com/wirews/wirews/internal/checkedio"

// ErrShort says that the input is a proper prefix of what was to be parsed:
// call again with more of it.
const ErrShort = shortError("ws: more bytes are needed")

type shortError string

func (e shortError) Error() string { return string(e) }

// ProtocolError is a violation of RFC 6455 by the peer. The values are
// constants: they compare with == and cost no allocation, because hostile
// input is a hot path too.
type ProtocolError string

// Error returns the text of the error.
func (p ProtocolError) Error() string { return string(p) }

// StatusCode returns the close code that the peer is to be sent (RFC 6455,
// section 7.4.1): 1007 for text that is not UTF-8, 1002 for all else.
func (p ProtocolError) StatusCode() StatusCode {
	if p == ErrProtocolInvalidUTF8 {
		return StatusInvalidFramePayloadData
	}
	return StatusProtocolError
}

// CloseReason returns the reason that the peer is to be sent: the text.
func (p ProtocolError) CloseReason() string { return string(p) }

// What CheckHeader, CheckCloseFrameData and ParseHeader find.
const (
	ErrProtocolOpCodeReserved         = ProtocolError("ws: reserved opcode")
	ErrProtocolControlPayloadOverflow = ProtocolError("ws: control frame with a payload over 125 bytes")
	ErrProtocolControlNotFinal        = ProtocolError("ws: fragmented control frame")
	ErrProtocolNonZeroRsv             = ProtocolError("ws: RSV bit set that no negotiated extension owns")
	ErrProtocolMaskRequired           = ProtocolError("ws: frame of a client is not masked")
	ErrProtocolMaskUnexpected         = ProtocolError("ws: frame of a server is masked")
	ErrProtocolContinuationExpected   = ProtocolError("ws: new message begins inside a fragmented one")
	ErrProtocolContinuationUnexpected = ProtocolError("ws: continuation frame without a message to continue")

	ErrProtocolStatusCodeNotInUse         = ProtocolError("ws: close code outside 1000 to 4999")
	ErrProtocolStatusCodeApplicationLevel = ProtocolError("ws: close code that is never sent: 1005, 1006 or 1015")
	ErrProtocolStatusCodeNoMeaning        = ProtocolError("ws: close code 1004 has no meaning")
	ErrProtocolStatusCodeUnknown          = ProtocolError("ws: close code that is not registered")
	ErrProtocolCloseLength                = ProtocolError("ws: close payload of one byte")
	ErrProtocolInvalidUTF8                = ProtocolError("ws: text is not valid UTF-8")

	// ErrHeaderLengthMSB: RFC 6455, 5.2: of the 64-bit length "the most
	// significant bit MUST be 0".
	ErrHeaderLengthMSB = ProtocolError("ws: most significant bit of the payload length is set")
	// ErrHeaderLengthNotMinimal: RFC 6455, 5.2: "the minimal number of bytes
	// MUST be used to encode the length".
	ErrHeaderLengthNotMinimal = ProtocolError("ws: payload length is not in its shortest form")
)

// HeaderError is a [Header] that cannot be put on the wire: a mistake of the
// caller, not of the peer.
type HeaderError string

// Error returns the text of the error.
func (e HeaderError) Error() string { return string(e) }

// What WriteHeader and WriteFrame refuse.
const (
	ErrHeaderLengthUnexpected = HeaderError("ws: Header.Length is negative")
	ErrHeaderBitsUnexpected   = HeaderError("ws: Header.Rsv is over 7 or Header.OpCode over 15")
	ErrFrameLength            = HeaderError("ws: Header.Length is not the length of the payload")
)

// LimitError says that the peer went over a limit of ours. The limit is not
// part of RFC 6455, so it is no [ProtocolError].
type LimitError string

// Error returns the text of the error.
func (e LimitError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent: 1009.
func (e LimitError) StatusCode() StatusCode { return StatusMessageTooBig }

// CloseReason returns the reason that the peer is to be sent, without what the
// text advises this end to do.
func (e LimitError) CloseReason() string { return "message is over the limit" }

// ErrFrameTooLarge is the error for a frame whose declared payload is longer
// than the limit. It is found before anything is allocated for the payload.
const ErrFrameTooLarge = LimitError("ws: frame payload is over the limit; raise it or read the payload in pieces")

// CountError says that a Read or Write of a connection has returned a number
// of bytes that cannot be: less than 0, or more than it was given. It is a
// mistake of that connection's type, which it names, and neither the peer's nor
// the caller's. The connection is to be closed. All packages of this module
// return it; find it with errors.As.
type CountError = checkedio.CountError

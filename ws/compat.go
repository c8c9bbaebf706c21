package ws

import "io"

// What is here exists for programs written for github.com/gobwas/ws: names
// whose meaning the functions over bytes give too, and values that their API
// lets anybody change. Nothing of ours depends on it.

// StatusCodeRange is a range of close codes, its ends included.
type StatusCodeRange struct {
	Min, Max StatusCode
}

// The ranges of RFC 6455, section 7.4.2. The methods of StatusCode do not
// look at these variables.
var (
	StatusRangeNotInUse    = StatusCodeRange{0, 999}
	StatusRangeProtocol    = StatusCodeRange{1000, 2999}
	StatusRangeApplication = StatusCodeRange{3000, 3999}
	StatusRangePrivate     = StatusCodeRange{4000, 4999}
)

// Frames of a server, as they stand on the wire. A client must not send them:
// its frames are masked (RFC 6455, section 5.1). Nobody must send
// CompiledCloseNoMeaningYet and CompiledCloseTLSHandshake. Whoever writes into
// one of these slices changes it for the whole program; AppendFrame into a
// slice of one's own costs a few nanoseconds and has none of these traps.
var (
	CompiledPing  = MustCompileFrame(NewPingFrame(nil))
	CompiledPong  = MustCompileFrame(NewPongFrame(nil))
	CompiledClose = MustCompileFrame(NewCloseFrame(nil))

	CompiledCloseNormalClosure           = compiledClose(StatusNormalClosure)
	CompiledCloseGoingAway               = compiledClose(StatusGoingAway)
	CompiledCloseProtocolError           = compiledClose(StatusProtocolError)
	CompiledCloseUnsupportedData         = compiledClose(StatusUnsupportedData)
	CompiledCloseNoMeaningYet            = compiledClose(StatusNoMeaningYet)
	CompiledCloseInvalidFramePayloadData = compiledClose(StatusInvalidFramePayloadData)
	CompiledClosePolicyViolation         = compiledClose(StatusPolicyViolation)
	CompiledCloseMessageTooBig           = compiledClose(StatusMessageTooBig)
	CompiledCloseMandatoryExt            = compiledClose(StatusMandatoryExt)
	CompiledCloseInternalServerError     = compiledClose(StatusInternalServerError)
	CompiledCloseTLSHandshake            = compiledClose(StatusTLSHandshake)
)

func compiledClose(code StatusCode) []byte {
	return MustCompileFrame(NewCloseFrame(NewCloseFrameBody(code, "")))
}

// CompileFrame returns f as it stands on the wire, in memory of its own. The
// errors are those of [WriteFrame].
func CompileFrame(f Frame) ([]byte, error) {
	if err := f.encodable(); err != nil {
		return nil, err
	}
	return AppendFrame(make([]byte, 0, HeaderSize(f.Header)+len(f.Payload)), f), nil
}

// MustCompileFrame is [CompileFrame] for package variables and tests: it panics
// instead of returning an error.
func MustCompileFrame(f Frame) []byte {
	b, err := CompileFrame(f)
	if err != nil {
		panic(err)
	}
	return b
}

// MaskFrame returns f masked with a fresh key, its payload a masked copy.
func MaskFrame(f Frame) Frame { return MaskFrameWith(f, NewMask()) }

// MaskFrameWith returns f masked with key, its payload a masked copy.
func MaskFrameWith(f Frame, key [4]byte) Frame {
	f.Payload = AppendCipher(nil, f.Payload, key, 0)
	f.Header.Masked, f.Header.Mask = true, key
	return f
}

// MaskFrameInPlace returns f masked with a fresh key. The payload itself is
// changed; the frame to send is the one returned, not f.
func MaskFrameInPlace(f Frame) Frame { return MaskFrameInPlaceWith(f, NewMask()) }

// MaskFrameInPlaceWith returns f masked with key. The payload itself is
// changed; the frame to send is the one returned, not f.
func MaskFrameInPlaceWith(f Frame, key [4]byte) Frame {
	Cipher(f.Payload, key, 0)
	f.Header.Masked, f.Header.Mask = true, key
	return f
}

// UnmaskFrame returns f unmasked, its payload an unmasked copy.
func UnmaskFrame(f Frame) Frame {
	f.Payload = append([]byte(nil), f.Payload...)
	return UnmaskFrameInPlace(f)
}

// UnmaskFrameInPlace returns f unmasked. The payload itself is changed.
func UnmaskFrameInPlace(f Frame) Frame {
	if f.Header.Masked {
		Cipher(f.Payload, f.Header.Mask, 0)
	}
	f.Header.Masked, f.Header.Mask = false, [4]byte{}
	return f
}

// ParseCloseFrameDataUnsafe is [ParseCloseFrameData]. It copies the reason too:
// a string that changes with the receive buffer is not worth one allocation a
// connection. [ParseClose] returns the reason as a slice of payload.
func ParseCloseFrameDataUnsafe(payload []byte) (code StatusCode, reason string) {
	return ParseCloseFrameData(payload)
}

// MustReadFrame is [ReadFrame] for tests: it panics instead of returning an
// error.
func MustReadFrame(r io.Reader) Frame {
	f, err := ReadFrame(r)
	if err != nil {
		panic(err)
	}
	return f
}

// MustWriteFrame is [WriteFrame] for tests: it panics instead of returning an
// error.
func MustWriteFrame(w io.Writer, f Frame) {
	if err := WriteFrame(w, f); err != nil {
		panic(err)
	}
}

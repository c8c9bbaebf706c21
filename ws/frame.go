package ws

// Frame is a whole frame in memory (RFC 6455, section 5.2). Payload is as it
// stands on the wire: masked, if Header.Masked. Functions that take a Frame
// expect Header.Length to be len(Payload).
type Frame struct {
	Header  Header
	Payload []byte
}

// NewFrame returns an unmasked frame around p, which is not copied.
func NewFrame(op OpCode, fin bool, p []byte) Frame {
	return Frame{
		Header:  Header{Fin: fin, OpCode: op, Length: int64(len(p))},
		Payload: p,
	}
}

// NewTextFrame returns an unmasked text message in one frame around p, which
// is not copied and should be UTF-8.
func NewTextFrame(p []byte) Frame { return NewFrame(OpText, true, p) }

// NewBinaryFrame returns an unmasked binary message in one frame around p,
// which is not copied.
func NewBinaryFrame(p []byte) Frame { return NewFrame(OpBinary, true, p) }

// NewPingFrame returns an unmasked ping around p, which is not copied and
// must not be longer than 125 bytes.
func NewPingFrame(p []byte) Frame { return NewFrame(OpPing, true, p) }

// NewPongFrame returns an unmasked pong around p, which is not copied and
// must not be longer than 125 bytes.
func NewPongFrame(p []byte) Frame { return NewFrame(OpPong, true, p) }

// NewCloseFrame returns an unmasked close frame around p, which is not copied
// and is empty or what [NewCloseFrameBody] and [AppendClose] make.
func NewCloseFrame(p []byte) Frame { return NewFrame(OpClose, true, p) }

// AppendFrame appends f to dst as it stands on the wire. Payload is copied as
// it is; to mask while copying, append AppendHeader's and AppendCipher's
// result instead. It panics where [AppendHeader] does, and if Header.Length is
// not len(Payload).
func AppendFrame(dst []byte, f Frame) []byte {
	if f.Header.Length != int64(len(f.Payload)) {
		panic(ErrFrameLength)
	}
	return append(AppendHeader(dst, f.Header), f.Payload...)
}

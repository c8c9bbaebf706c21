package wsproto

import (
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// Sequence holds the rules about sequences of frames (RFC 6455, sections 5.4,
// 5.5 and 8.1) and the Limits, for whoever reads headers and payload from a
// stream; Receiver applies them to pushed bytes. For each received header call
// Check, then Begin; for the payload of a text message call Text, and EndText
// when the message has ended. The zero value is ready. After an error it is
// not to be used any more.
type Sequence struct {
	length int64 // payload of the message so far, by its headers
	frags  int32 // frames of the message
	ctrls  int32 // control frames since it began
	op     ws.OpCode
	open   bool // more fragments are to come
	text   utf8check.Validator
	flags  flags // all but encoded are Receiver's: a byte of its own would cost it eight
}

// Op returns the opcode of the message that has begun last.
func (s *Sequence) Op() ws.OpCode { return s.op }

// Open reports whether a message has begun whose last frame has not.
func (s *Sequence) Open() bool { return s.open }

// Check judges a header. side is ws.StateServerSide or ws.StateClientSide;
// owned are the RSV bits that an extension may have set in the first frame of
// a message. The errors are those of ws.CheckHeader.
func (s *Sequence) Check(h ws.Header, side ws.State, owned byte) error {
	if s.open {
		side = side.Set(ws.StateFragmented)
	}
	if h.OpCode.IsControl() || h.OpCode == ws.OpContinuation {
		owned = 0
	}
	if owned != 0 {
		side = side.Set(ws.StateExtended)
	}
	if err := ws.CheckHeader(h, side); err != nil {
		return err
	}
	if h.Rsv&^owned != 0 {
		return ws.ErrProtocolNonZeroRsv
	}
	return nil
}

// Begin begins the frame of h, which Check has found right. The errors are
// ws.ErrFrameTooLarge, ErrMessageTooLarge, ErrTooManyFragments and
// ErrTooManyControls: too much is refused before it comes.
func (s *Sequence) Begin(h ws.Header, l Limits) error {
	if h.OpCode.IsControl() {
		if s.open {
			s.ctrls++
		}
		if int64(s.ctrls) > l.bounds().controls {
			return ErrTooManyControls
		}
		return nil
	}
	if h.OpCode != ws.OpContinuation {
		*s = Sequence{op: h.OpCode}
		s.flags.set(encoded, h.Rsv != 0)
	}
	max := l.bounds()
	if s.flags.has(encoded) {
		max = l.encodedBounds()
	}
	s.open = !h.Fin
	s.frags++
	switch {
	case h.Length > max.frame:
		return ws.ErrFrameTooLarge
	case h.Length > max.message-s.length:
		return ErrMessageTooLarge
	case int64(s.frags) > max.fragments:
		return ErrTooManyFragments
	}
	s.length += h.Length
	return nil
}

// Text judges the next bytes of a message, if it is a text. The first bad one
// is ws.ErrProtocolInvalidUTF8, without waiting for the rest of the message;
// n is the number of bytes before it.
func (s *Sequence) Text(p []byte) (n int, err error) {
	if s.op != ws.OpText {
		return len(p), nil
	}
	n, ok := s.text.Next(p)
	if !ok {
		return n, ws.ErrProtocolInvalidUTF8
	}
	return n, nil
}

// EndText judges the end of a message: a text must not end inside a rune.
func (s *Sequence) EndText() error {
	if s.op == ws.OpText && !s.text.Complete() {
		return ws.ErrProtocolInvalidUTF8
	}
	return nil
}

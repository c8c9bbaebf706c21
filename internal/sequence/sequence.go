// Package sequence holds the rules about sequences of frames (RFC 6455, sections
// 5.4, 5.5 and 8.1) and the limits on them, once for all that read messages:
// wsproto.Receiver, which is pushed bytes, and wsutil's Reader and helpers, which
// read headers and payload from a stream, each by itself.
package sequence

import (
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// Sequence is what has come of a message. For each received header call Check,
// then Begin; for the payload of a text message call Text, and EndText when the
// message has ended. The zero value is ready. After an error it is not to be used
// any more.
type Sequence struct {
	length int64 // payload of the message so far, by its headers
	frags  int32 // frames of the message
	ctrls  int32 // control frames since it began
	op     ws.OpCode
	open   bool // more fragments are to come
	text   utf8check.Validator

	// Encoded says that the limits are those of what an extension has encoded.
	// Begin sets it if the first frame of the message has RSV bits; whoever knows
	// better changes it.
	Encoded bool
	// Notes are for whoever uses the Sequence, and empty when a message begins.
	// Here they take none of the room in a Receiver, elsewhere eight bytes of it.
	Notes uint8
}

// Op returns the opcode of the message that has begun last.
func (s *Sequence) Op() ws.OpCode { return s.op }

// Open reports whether a message has begun whose last frame has not.
func (s *Sequence) Open() bool { return s.open }

// Length returns how many bytes of payload the frames of the message have that
// have begun.
func (s *Sequence) Length() int64 { return s.length }

// Check checks a header. side is ws.StateServerSide or ws.StateClientSide;
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
		if !s.open {
			return nil
		}
		if s.ctrls++; int64(s.ctrls) > l.Bounds().Controls {
			return ErrTooManyControls
		}
		return nil
	}
	if h.OpCode != ws.OpContinuation {
		*s = Sequence{op: h.OpCode, Encoded: h.Rsv != 0}
	}
	max := l.Bounds()
	if s.Encoded {
		max = l.encodedBounds()
	}
	s.open = !h.Fin
	s.frags++
	switch {
	case h.Length > max.Frame:
		return ws.ErrFrameTooLarge
	case h.Length > max.Message-s.length:
		return ErrMessageTooLarge
	case int64(s.frags) > max.Fragments:
		return ErrTooManyFragments
	}
	s.length += h.Length
	return nil
}

// Text checks the next bytes of a message, if it is a text. The first bad one
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

// EndText checks the end of a message: a text must not end inside a rune.
func (s *Sequence) EndText() error {
	if s.op == ws.OpText && !s.text.Complete() {
		return ws.ErrProtocolInvalidUTF8
	}
	return nil
}

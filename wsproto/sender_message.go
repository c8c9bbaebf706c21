package wsproto

import "github.com/wirews/wirews/ws"

// Ready returns what keeps a message from being sent now: nil, an error of Err,
// or [ErrMessageOpen]. A caller with bytes of a frame that are not to be copied, because
// they are the same for many connections, may send them if it is nil; see
// AppendPrepared for what they have to be.
func (s *Sender) Ready() error {
	if s.flags&notReady == 0 {
		return nil
	}
	if err := s.Err(); err != nil {
		return err
	}
	return ErrMessageOpen
}

// AppendMessage appends the message p, [ws.OpText] or [ws.OpBinary], as one frame.
// An Encoder's output is put after the room for a header of the size that p
// would need, and moved if it turns out to need another. Whether a text is
// UTF-8 is for the caller to know. The errors are those of Ready,
// [ErrMessageOpCode], and a new one of the [Encoder].
func (s *Sender) AppendMessage(dst []byte, op ws.OpCode, p []byte) ([]byte, error) {
	if !s.mayBegin(op) {
		return dst, s.refusal()
	}
	if rsv := s.beginEncode(op, int64(len(p))); rsv != 0 {
		return s.appendEncoded(dst, first(true, rsv, op), p)
	}
	return s.appendFrame(dst, first(true, 0, op), p), nil
}

// AppendMessageHeader appends the header of a message in one frame, for
// payload that is not to be copied: size bytes of it, which are not encoded,
// have to be sent right after. They have to be masked with h.Mask if h.Masked
// is set; see [ws.Cipher]. It panics if size is negative. The errors are those of
// Ready, and [ErrMessageOpCode].
func (s *Sender) AppendMessageHeader(dst []byte, op ws.OpCode, size int64) (out []byte, h ws.Header, err error) {
	if !s.mayBegin(op) {
		return dst, ws.Header{}, s.refusal()
	}
	h = ws.Header{Fin: true, OpCode: op, Length: size}
	if s.config().State.ClientSide() {
		h.Masked, h.Mask = true, s.key()
	}
	return ws.AppendHeader(dst, h), h, nil
}

// BeginMessage begins a message that AppendFragment gets in pieces. size is
// the length of it all in bytes, or -1 if that is not known: it is for the
// [Encoder], which may find it too short to be worth encoding. Until the message
// has ended, no other can begin, and control frames may go between its
// fragments. The errors are those of AppendMessageHeader.
func (s *Sender) BeginMessage(op ws.OpCode, size int64) error {
	if !s.mayBegin(op) {
		return s.refusal()
	}
	s.op, s.rsv = op, s.beginEncode(op, size)
	s.flags = s.flags&^messageBegun | messageOpen
	return nil
}

// AppendFragment appends the next piece of the message that BeginMessage has
// begun, as one frame; last ends the message. A piece that makes no frame,
// because it is empty or because the [Encoder] holds it back, appends nothing
// unless it is the last. The errors are those of Err, [ErrNoMessage], and a new
// one of the Encoder.
func (s *Sender) AppendFragment(dst, p []byte, last bool) (out []byte, err error) {
	if err := s.Err(); err != nil {
		return dst, err
	}
	if !s.flags.has(messageOpen) {
		return dst, ErrNoMessage
	}
	b := first(last, s.rsv, s.op)
	if s.flags.has(messageBegun) {
		b = first(last, 0, ws.OpContinuation)
	}
	switch {
	case s.rsv != 0:
		out, err = s.appendEncoded(dst, b, p)
	case len(p) > 0 || last:
		out = s.appendFrame(dst, b, p)
	default:
		out = dst
	}
	if len(out) > len(dst) {
		s.flags |= messageBegun
	}
	if last {
		s.flags &^= messageOpen
	}
	return out, err
}

// Encodes reports whether the [Encoder] makes the message that is open.
func (s *Sender) Encodes() bool { return s.flags.has(messageOpen) && s.rsv != 0 }

// mayBegin judges whether a message may begin.
func (s *Sender) mayBegin(op ws.OpCode) bool {
	return s.flags&notReady == 0 && (op == ws.OpText || op == ws.OpBinary)
}

// refusal returns why not.
func (s *Sender) refusal() error {
	if err := s.Ready(); err != nil {
		return err
	}
	return ErrMessageOpCode
}

package wsproto

import "github.com/wirews/wirews/ws"

// ErrPrepared says that a prepared frame is not what AppendPrepared takes.
const ErrPrepared = sendError("wsproto: a prepared frame is a whole text or binary message, unmasked, with no RSV bit but the Encoder's")

// AppendPrepared appends a message that was encoded once to be sent to many:
// frame is the whole of its only frame, unmasked, as [ws.AppendFrame] makes it. A
// client masks its copy. Since frame is not changed, any number of goroutines
// may send it at the same time.
//
// If frame has RSV bits of the extension set, the peer has to understand it
// without this Encoder's having encoded it, and what the [Encoder] encodes after
// it. With compression that is so where no context takeover was agreed on. A
// frame without them is understood by any peer.
//
// The errors are those of Ready, and [ErrPrepared].
func (s *Sender) AppendPrepared(dst, frame []byte) ([]byte, error) {
	if err := s.Ready(); err != nil {
		return dst, err
	}
	h, n, err := ws.ParseHeader(frame)
	if err != nil || h.Length != int64(len(frame)-n) || !s.takes(h) {
		return dst, ErrPrepared
	}
	if s.config().State.ClientSide() {
		return s.appendFrame(dst, firstByte(frame[0]), frame[n:]), nil
	}
	return append(dst, frame...), nil
}

// takes reports whether h is one of a message in one frame.
func (s *Sender) takes(h ws.Header) bool {
	var owned byte
	if s.Encoder != nil {
		owned = s.Encoder.Bits()
	}
	return h.Fin && !h.Masked && h.Rsv&^owned == 0 && (h.OpCode == ws.OpText || h.OpCode == ws.OpBinary)
}

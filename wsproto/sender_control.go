package wsproto

import (
	"time"

	"github.com/wirews/wirews/ws"
)

// AppendPing appends a ping. It may go between the fragments of a message. The
// errors are [ErrClosed] and [ErrControlTooLong].
func (s *Sender) AppendPing(dst, p []byte) ([]byte, error) {
	return s.appendControl(dst, ws.OpPing, p)
}

// AppendPong appends a pong that no ping has asked for (RFC 6455, section
// 5.5.3); AppendAnswer appends the others. The errors are those of AppendPing.
func (s *Sender) AppendPong(dst, p []byte) ([]byte, error) {
	return s.appendControl(dst, ws.OpPong, p)
}

// AppendClose appends a close frame, and with that begins the closing
// handshake, at the time now. A message that is open stays unfinished. Code 0
// and [ws.StatusNoStatusRcvd] stand for no code; a reason that is too long is
// cut. The errors are [ErrClosed], so that there is one close frame at most, and
// those of [ws.CheckCloseFrameData].
func (s *Sender) AppendClose(dst []byte, code ws.StatusCode, reason string, now time.Duration) ([]byte, error) {
	if s.flags.has(closeSent | failed) {
		return dst, ErrClosed
	}
	if code != 0 && code != ws.StatusNoStatusRcvd {
		if err := ws.CheckCloseFrameData(code, ""); err != nil {
			return dst, err
		}
	}
	s.await(now)
	return s.appendClose(dst, code, reason), nil
}

// AppendAnswer appends what the peer has to be sent for what [Receiver.Next] has
// just returned: a pong for a ping; a close frame with the same code for a
// close frame; a close frame with the code of [CloseCode] for an error of the
// connection. It appends nothing for anything else, and nothing once a close
// frame has been sent, but notes that the peer's has come. So it may be called
// for all that Next returns, and has to be for control frames and for errors.
//
// Any other end of the connection is passed on in the same way: that of the
// transport, as [Receiver.EOF] returns it, and an error of the application, which
// the peer is not told more of than 1011.
func (s *Sender) AppendAnswer(dst []byte, ev Event, err error, now time.Duration) []byte {
	switch {
	case err == nil && !ev.Op.IsControl():
		return dst
	case err == ws.ErrShort || err == ErrRoom:
		return dst
	case s.flags.has(closeReceived | failed):
		// What comes after that is no news.
		return dst
	case err != nil:
		return s.fail(dst, err, now)
	case ev.Op == ws.OpPing:
		// 5.5.2 wants a pong until a close frame has been received. By 1.4
		// nothing follows the one that was sent, and some peers take it ill.
		dst, _ = s.appendControl(dst, ws.OpPong, ev.Payload)
	case ev.Op == ws.OpClose:
		s.flags |= closeReceived
		s.await(now)
		dst = s.appendClose(dst, ev.Code(), "")
	}
	return dst
}

// fail ends the connection for err.
func (s *Sender) fail(dst []byte, err error, now time.Duration) []byte {
	s.flags |= failed
	code := CloseCode(err)
	if code == ws.StatusAbnormalClosure {
		s.flags |= ended
		return dst
	}
	s.await(now)
	return s.appendClose(dst, code, CloseReason(err))
}

// appendClose appends a close frame, unless one was sent.
func (s *Sender) appendClose(dst []byte, code ws.StatusCode, reason string) []byte {
	if s.flags.has(closeSent) {
		return dst
	}
	s.flags |= closeSent
	var body [ws.MaxControlFramePayloadSize]byte
	return s.appendFrame(dst, first(true, 0, ws.OpClose), ws.AppendClose(body[:0], code, reason))
}

func (s *Sender) appendControl(dst []byte, op ws.OpCode, p []byte) ([]byte, error) {
	if s.flags.has(closeSent | failed) {
		return dst, ErrClosed
	}
	if len(p) > ws.MaxControlFramePayloadSize {
		return dst, ErrControlTooLong
	}
	return s.appendFrame(dst, first(true, 0, op), p), nil
}

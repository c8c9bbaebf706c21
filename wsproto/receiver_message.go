package wsproto

import (
	"io"

	"github.com/wirews/wirews/internal/sequence"
)

// takePlain takes payload that is handed on as it is.
func (r *Receiver) takePlain(b []byte) (ev Event, n int, done bool, err error) {
	p := r.frame.available(b)
	r.frame.unmask(p)
	r.frame.consume(len(p))
	good, fault := r.checkText(p)
	ev, done, err = r.hand(p[:good], r.frame.header.Fin && !r.frame.open, fault)
	return ev, len(p), done, err
}

// takeEncoded takes payload for the Decoder. It unmasks no more at a time than
// the room may be enough for, and masks again what the Decoder leaves: bytes
// that are not consumed stay as they were.
func (r *Receiver) takeEncoded(b, room []byte) (ev Event, n int, done bool, err error) {
	if len(room) == 0 {
		return Event{}, 0, false, ErrRoom
	}
	src := r.frame.available(b)
	src = src[:min(len(src), max(len(room), minDecode))]
	fin := r.frame.header.Fin && int64(len(src)) == r.frame.left
	r.frame.unmask(src)
	out, n, full, fault := r.decode(room, src, fin)
	r.frame.consume(n)
	r.frame.unmask(src[n:])
	if fault == nil && n == 0 && len(out) == 0 && len(src) > 0 {
		fault = io.ErrNoProgress
	}
	r.note(draining, full && n == len(src))
	ev, done, err = r.hand(out, fin && n == len(src) && !full, fault)
	return ev, n, done, err
}

// minDecode is the least number of bytes to offer the Decoder if there are as
// many: small rooms must not mean many calls.
const minDecode = 512

// drain gets what the Decoder still has of what it has consumed, before more
// is asked for: a fault in it is found now, and not when the peer goes on.
func (r *Receiver) drain(room []byte) (ev Event, done bool, err error) {
	if len(room) == 0 {
		return Event{}, false, ErrRoom
	}
	fin := r.frame.header.Fin && !r.frame.open
	out, _, full, fault := r.decode(room, nil, fin)
	r.note(draining, full)
	return r.hand(out, fin && !full, fault)
}

// decode calls the Decoder with no more room than the limit leaves. full says that
// the Decoder may have more. out is good, whatever the fault that follows it.
func (r *Receiver) decode(room, src []byte, fin bool) (out []byte, n int, full bool, fault error) {
	limit := sequence.Limits(r.config().Limits).Bounds().Decoded
	room = r.decoded.Room(room, limit)
	out, n, fault = r.Decoder.Decode(room, src, fin)
	full = len(out) == cap(room)
	good, ok := r.decoded.Made(out, limit)
	if out = good; !ok {
		fault = ErrMessageTooLarge
	}
	if good, err := r.checkText(out); err != nil {
		// It stands before what the Decoder has stumbled over.
		out, fault = out[:good], err
	}
	return out, n, full, fault
}

// checkText judges the next bytes of a text (RFC 6455, section 8.1); n is the
// number of good ones.
func (r *Receiver) checkText(p []byte) (n int, err error) {
	if r.config().SkipUTF8 {
		return len(p), nil
	}
	return r.seq.Text(p)
}

// hand makes an event of p, if it is worth one. What stands before a fault is
// handed on, however the bytes were cut; the fault is what comes next.
func (r *Receiver) hand(p []byte, last bool, fault error) (ev Event, done bool, err error) {
	if fault == nil && last && !r.config().SkipUTF8 {
		fault = r.seq.EndText()
	}
	if fault != nil {
		if len(p) == 0 {
			return Event{}, false, fault
		}
		r.err, last = fault, false
	}
	if len(p) == 0 && !last {
		return Event{}, false, nil
	}
	ev = Event{Op: r.seq.Op(), First: !r.noted(started), Last: last, Payload: p}
	r.note(started, true)
	return ev, true, nil
}

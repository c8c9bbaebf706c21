package wsproto

import "io"

// takePlain takes payload that is handed on as it is.
func (r *Receiver) takePlain(b []byte) (ev Event, n int, done bool, err error) {
	p := r.frame.available(b)
	r.frame.unmask(p)
	r.frame.consume(len(p))
	if err = r.checkText(p); err != nil {
		return Event{}, len(p), false, err
	}
	last := !r.frame.open && r.frame.header.Fin
	ev, done, err = r.piece(p, last)
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
	out, n, err := r.decode(room, src, fin)
	r.frame.consume(n)
	r.frame.unmask(src[n:])
	if err == nil && n == 0 && len(out) == 0 && len(src) > 0 {
		err = io.ErrNoProgress
	}
	if err != nil {
		return Event{}, n, false, err
	}
	full := len(out) == cap(out)
	r.flags.set(draining, full && n == len(src))
	ev, done, err = r.piece(out, fin && n == len(src) && !full)
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
	out, _, err := r.decode(room, nil, fin)
	if err != nil {
		return Event{}, false, err
	}
	full := len(out) == cap(out)
	r.flags.set(draining, full)
	return r.piece(out, fin && !full)
}

// decode calls the Decoder with no more room than the limit leaves, and one
// byte, which tells a message that is just as long as the limit from one that
// is longer.
func (r *Receiver) decode(room, src []byte, fin bool) (out []byte, n int, err error) {
	lim := r.config().Limits.bounds()
	size := len(room)
	if left := lim.decoded - r.decoded; left < int64(size) {
		size = int(left) + 1
	}
	out, n, err = r.Decoder.Decode(room[:0:size], src, fin)
	r.decoded += int64(len(out))
	switch fault := r.checkText(out); {
	case r.decoded > lim.decoded:
		return nil, n, ErrMessageTooLarge
	case fault != nil:
		// It stands before what the Decoder has stumbled over.
		return nil, n, fault
	}
	return out, n, err
}

// checkText judges the next bytes of a text (RFC 6455, section 8.1).
func (r *Receiver) checkText(p []byte) error {
	if r.config().SkipUTF8 {
		return nil
	}
	_, err := r.seq.Text(p)
	return err
}

// piece makes an event of p, if it is worth one.
func (r *Receiver) piece(p []byte, last bool) (ev Event, done bool, err error) {
	if last && !r.config().SkipUTF8 {
		if err := r.seq.EndText(); err != nil {
			return Event{}, false, err
		}
	}
	if len(p) == 0 && !last {
		return Event{}, false, nil
	}
	ev = Event{Op: r.seq.Op(), First: !r.flags.has(started), Last: last, Payload: p}
	r.flags.set(started, true)
	return ev, true, nil
}

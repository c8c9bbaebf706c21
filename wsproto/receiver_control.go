package wsproto

import (
	"io"
	"sync"

	"github.com/wirews/wirews/ws"
)

// controlBuffer holds a control frame that came in parts.
type controlBuffer struct {
	n int
	b [ws.MaxControlFramePayloadSize]byte
}

var controlBuffers = sync.Pool{New: func() any { return new(controlBuffer) }}

// takeControl takes a control frame, which is handed on whole.
func (r *Receiver) takeControl(b []byte) (ev Event, n int, done bool, err error) {
	p := r.frame.available(b)
	n = len(p)
	r.frame.unmask(p)
	r.frame.consume(n)
	if r.frame.open || r.control != nil {
		if r.control == nil {
			r.control = controlBuffers.Get().(*controlBuffer)
			r.control.n = 0
		}
		r.control.n += copy(r.control.b[r.control.n:], p)
		p = r.control.b[:r.control.n]
	}
	if r.frame.open {
		return Event{}, n, false, nil
	}
	ev = Event{Op: r.frame.header.OpCode, First: true, Last: true, Payload: p}
	if ev.Op == ws.OpClose {
		if _, _, err = ws.ParseClose(p); err != nil {
			return Event{}, n, false, err
		}
		r.err = io.EOF
	}
	return ev, n, true, nil
}

// releaseControl gives back the buffer of a control frame that the call before
// has handed on.
func (r *Receiver) releaseControl() {
	if r.control != nil && !r.frame.open {
		controlBuffers.Put(r.control)
		r.control = nil
	}
}

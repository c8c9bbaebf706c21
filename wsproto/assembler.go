package wsproto

import "slices"

// Assembler collects the pieces of a message. The zero value is ready. It
// grows with what arrives, up to the limits of the [Receiver] that the events
// come from. It must not be used by two goroutines at once.
type Assembler struct {
	buf []byte
}

// Add takes the next piece of a message. Once it is complete, Add returns the
// whole of it and true. A message that came in one piece is handed through
// without a copy: it aliases what the event does. Any other is valid until
// the next call of Add or Free. A control frame is handed through like that
// too, and does not disturb the message that it comes into.
func (a *Assembler) Add(ev Event) (message []byte, done bool) {
	if ev.First && ev.Last {
		return ev.Payload, true
	}
	if ev.First {
		a.buf = a.buf[:0]
	}
	a.buf = append(slices.Grow(a.buf, len(ev.Payload)), ev.Payload...)
	return a.buf, ev.Last
}

// Free lets go of the memory that the [Assembler] holds and returns it, for
// whoever wants to put it into a pool; nil if it holds none.
func (a *Assembler) Free() []byte {
	b := a.buf
	a.buf = nil
	return b
}

// Use gives the [Assembler] memory to collect in. What b holds is overwritten.
func (a *Assembler) Use(b []byte) { a.buf = b[:0] }

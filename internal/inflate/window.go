package inflate

import "sync"

// window is what was put out before: the last size bytes of it. It holds no
// more memory than there was output; when that has reached size, it is a ring.
type window struct {
	buf  []byte
	next int // where the next byte goes
	held int // how many of the last bytes are there
	size int
}

// leastWindow is the size of the first allocation.
const leastWindow = 512

// write appends p and forgets what lies further back than size.
func (w *window) write(p []byte) {
	if len(p) > w.size {
		p = p[len(p)-w.size:]
	}
	w.grow(min(w.held+len(p), w.size))
	n := copy(w.buf[w.next:], p)
	w.next += n
	if w.next == w.size {
		w.next = copy(w.buf, p[n:])
	}
	w.held = min(w.held+len(p), w.size)
}

// grow makes room for n bytes. Only a buffer below its full size, which has
// not wrapped, is ever too small.
func (w *window) grow(n int) {
	if n <= len(w.buf) {
		return
	}
	buf := make([]byte, min(w.size, max(n, 2*len(w.buf), leastWindow)))
	copy(buf, w.buf[:w.next])
	w.buf = buf
}

// copyTo fills dst with the bytes that begin back bytes before the end.
// back is at most held, and dst at most that long.
func (w *window) copyTo(dst []byte, back int) {
	from := w.next - back
	if from < 0 {
		from += w.size
		n := copy(dst, w.buf[from:])
		dst, from = dst[n:], 0
		if len(dst) == 0 {
			return
		}
	}
	copy(dst, w.buf[from:])
}

// forget empties the window and keeps its memory.
func (w *window) forget() { w.next, w.held = 0, 0 }

// largestWindow is what RFC 1951 allows a distance to be.
const largestWindow = 1 << 15

// lentWindows are for messages that come in pieces on connections that keep
// no window between messages.
var lentWindows = sync.Pool{New: func() any { return new([largestWindow]byte) }}

func (w *window) borrow() {
	if w.buf == nil {
		w.buf = lentWindows.Get().(*[largestWindow]byte)[:w.size]
	}
}

func (w *window) giveBack() {
	if w.buf != nil {
		lentWindows.Put((*[largestWindow]byte)(w.buf[:largestWindow]))
		w.buf = nil
	}
	w.forget()
}

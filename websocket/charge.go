package websocket

import "sync"

// freeMessage is how many bytes of a message are not counted in a MessageBudget:
// a connection that is busy has buffers as large anyway, and short messages pass
// even when others have used up the memory.
const freeMessage = 64 << 10

// charge is what a connection is charged in a Budget for the message that it puts
// together. Whoever reads sets it; whoever ends the connection ends it.
type charge struct {
	mu    sync.Mutex
	bytes int64
	over  bool
}

// set has b count size bytes instead of what it has counted before, and reports
// false if it has no room for them.
func (h *charge) set(b *Budget, size int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	more := size - h.bytes
	switch {
	case h.over:
		return true
	case more <= 0:
		b.Add(more)
	case !b.Take(more):
		return false
	}
	h.bytes = size
	return true
}

// end gives back what is counted, and sees to it that nothing is any more.
func (h *charge) end(b *Budget) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b.Add(-h.bytes)
	h.bytes, h.over = 0, true
}

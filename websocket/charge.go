package websocket

import (
	"sync"

	"github.com/wirews/wirews/internal/endpoint"
)

// charge is what a connection is charged in a Budget, with a lock: whoever reads sets it,
// and whoever ends the connection ends it.
type charge struct {
	mu     sync.Mutex
	charge endpoint.Charge
	over   bool
}

// set is endpoint.Charge.Set, until end.
func (h *charge) set(b *Budget, bytes int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over || h.charge.Set(b, bytes)
}

// end gives back what is counted, and sees to it that nothing is any more.
func (h *charge) end(b *Budget) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.charge.Set(b, 0)
	h.over = true
}

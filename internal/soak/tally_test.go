package soak

import (
	"context"
	"fmt"
	"sync"
)

// tally counts what has happened, and wakes whoever waits for that.
type tally struct {
	mu        sync.Mutex
	changed   chan struct{}
	restarts  int
	whole     int   // sessions that have come to their end
	cut       int   // sessions whose server was restarted, or which were to vanish
	echoes    int64 // messages that came back
	published int64
	delivered int64
	resumed   int // connections to the cluster that went on where another one had ended
}

func (n *tally) String() string {
	return fmt.Sprintf("%d restarts, %d sessions to their end, %d cut, %d echoes; %d published, %d delivered, %d resumed",
		n.restarts, n.whole, n.cut, n.echoes, n.published, n.delivered, n.resumed)
}

func (n *tally) do(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}

func (n *tally) restarted() { n.do(func() { n.restarts++ }) }

func (n *tally) add(m *tally) {
	n.do(func() {
		n.restarts += m.restarts
		n.whole += m.whole
		n.cut += m.cut
		n.echoes += m.echoes
		n.published += m.published
		n.delivered += m.delivered
		n.resumed += m.resumed
	})
}

// await waits until so many messages have come back.
func (n *tally) await(ctx context.Context, echoes int64) bool {
	for {
		n.mu.Lock()
		if n.echoes >= echoes {
			n.mu.Unlock()
			return true
		}
		if n.changed == nil {
			n.changed = make(chan struct{})
		}
		changed := n.changed
		n.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

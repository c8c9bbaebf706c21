package websocket

import (
	"context"
	"sync/atomic"

	"github.com/wirews/wirews/internal/hangup"
)

// peerEnd tells a receiver that stays in its callback when the peer has closed
// its sending direction. The poller of the runtime does not tell that again if it
// has come together with the last bytes; without a peerEnd, a read that was short
// would have to be followed by another one before waiting.
type peerEnd struct {
	state atomic.Int32
	tried bool // begin was called
	watch hangup.Watch
}

const (
	notWatched = iota
	peerOpen   // hungUp will be called
	peerEnded  // it has been; what was sent before may be there still
	endNoticed // and the receiver knows
)

// begin has l told of the end, if the system can do that; l is to call hungUp.
func (e *peerEnd) begin(t *transport, l hangup.Listener) {
	if t.raw == nil {
		return
	}
	e.state.Store(peerOpen)
	watched := false
	t.raw.Control(func(fd uintptr) { e.watch, watched = hangup.Begin(fd, l) })
	if !watched {
		e.state.Store(notWatched)
	}
}

func (e *peerEnd) end(t *transport) {
	if e.state.Load() == notWatched {
		return
	}
	defer e.state.Store(notWatched)
	if t.raw.Control(e.watch.End) != nil {
		e.watch.Forget()
	}
	t.endReads()
}

// watched reports whether hungUp will tell the end.
func (e *peerEnd) watched() bool { return e.state.Load() == peerOpen }

// interrupted reports whether a wait was ended by hungUp, and not by ctx: what is
// left is to be read then, up to the end.
func (e *peerEnd) interrupted(ctx context.Context) bool {
	return ctx.Err() == nil && e.state.CompareAndSwap(peerEnded, endNoticed)
}

func (e *peerEnd) hungUp(t *transport) {
	e.state.Store(peerEnded)
	t.readDeadline().interrupt()
}

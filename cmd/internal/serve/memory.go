package serve

import (
	"sync/atomic"

	"github.com/wirews/wirews/ws"
)

// memory is what all connections hold together of messages that have not come as
// a whole. Limits of each connection alone say nothing about a hundred of them,
// and 7 KiB on the wire may inflate to 8 MiB.
type memory struct {
	limit int64 // bytes; 0: none
	used  atomic.Int64
}

// take counts n more bytes, unless that would be too many.
func (m *memory) take(n int64) bool {
	if used := m.used.Add(n); m.limit > 0 && used > m.limit {
		m.used.Add(-n)
		return false
	}
	return true
}

// holding is the part of one connection. The first bytes of each message are
// free: a connection that is busy has a buffer as large anyway, and short
// messages pass even when others have used up the memory.
type holding struct {
	memory  *memory
	size    int64 // of the message so far
	counted int64
}

func (h *holding) add(n int) error {
	if h.size += int64(n); h.size <= bufferSize {
		return nil
	}
	if !h.memory.take(h.size - h.counted) {
		return errMemory{}
	}
	h.counted = h.size
	return nil
}

// drop is for the end of the message.
func (h *holding) drop() {
	if h.counted > 0 {
		h.memory.used.Add(-h.counted)
	}
	h.size, h.counted = 0, 0
}

// errMemory ends the connection that would need more than there is.
type errMemory struct{}

func (errMemory) Error() string {
	return "serve: too much memory is held by unfinished messages; --message-memory allows more"
}

func (errMemory) StatusCode() ws.StatusCode { return ws.StatusTryAgainLater }

// CloseReason returns the reason that the peer is sent: the flag is not its
// business.
func (errMemory) CloseReason() string { return "too much memory is held by unfinished messages" }

package websocket

import (
	"sync"

	"github.com/wirews/wirews/ws"
)

// latePongs are the answers to pings that could not be sent at once: somebody
// was writing, or the peer takes nothing, or the transport has no descriptor, so
// that writing may mean to wait. Whoever reads does not wait for that, or two
// ends of a connection could wait for each other. They wait for the next frame
// that is appended, or for flushLater. Whoever takes them out of Conn.late owns
// them.
type latePongs struct {
	n    int // of them
	size int // of what they take in b: each a byte with its length, and that
	b    [maxLate * (1 + ws.MaxControlFramePayloadSize)]byte
}

// maxLate is how many pongs wait. RFC 6455, section 5.5.3: of several pings, it
// is enough to answer the most recent one. One that is more than that many
// stands for all of them, so a flood of pings costs next to nothing.
const maxLate = 16

// lateFlush in place of latePongs is none: what is held back is to be written.
var lateFlush latePongs

var latePool = sync.Pool{New: func() any { return new(latePongs) }}

// answerPing sends a pong, or leaves it to others. It needs the reading lock.
func (c *Conn) answerPing(payload []byte) {
	if c.cause.Load() != nil {
		return // it ends, and pongs do not follow a close frame
	}
	// Without a descriptor, all that can be done at once is to hold it back.
	if (c.raw != nil || c.hold.Load() != 0) && c.late.Load() == nil && c.writing.tryLock() {
		if !c.sendPong(payload) {
			c.leavePong(payload)
		}
		c.unlockWriting()
		return
	}
	c.leavePong(payload)
	switch {
	case c.raw == nil:
		c.flushSoon()
	case c.writing.tryLock(): // otherwise whoever has it sees the pong at the end
		c.unlockWriting()
	}
}

// leavePong leaves a pong to whoever appends a frame next, or to flushLater.
func (c *Conn) leavePong(payload []byte) {
	late := c.late.Swap(nil)
	if late == nil || late == &lateFlush {
		late = latePool.Get().(*latePongs)
	}
	if late.n == maxLate {
		late.n, late.size = 0, 0
	}
	late.b[late.size] = byte(len(payload))
	late.size += 1 + copy(late.b[late.size+1:], payload)
	late.n++
	c.late.Store(late)
}

// These need the writing lock.

// takeLate appends the pongs that were left to out.
func (c *Conn) takeLate() {
	late := c.late.Load()
	if late == nil || late == &lateFlush || !c.late.CompareAndSwap(late, nil) {
		return // another is about to come, and whoever brings it sees to all
	}
	for b := late.b[:late.size]; len(b) > 0; b = b[1+b[0]:] {
		payload := b[1 : 1+b[0]]
		if out, err := c.proto.AppendPong(c.room(len(payload)), payload); err == nil {
			c.out.b = out
		}
	}
	if c.pending() == 0 && c.out != nil {
		c.drained() // it was too late for them
	}
	late.n, late.size = 0, 0
	latePool.Put(late)
}

// sendLate does what was left to whoever has the writing lock, if it can be done
// without waiting.
func (c *Conn) sendLate() {
	if !c.taking() {
		return
	}
	if !c.late.CompareAndSwap(&lateFlush, nil) {
		before := c.pending()
		if c.takeLate(); c.pending() == before {
			return
		}
		if c.pending() < c.mayHold() {
			watchmen.watch(c)
			return
		}
	}
	c.flushSome()
}

// sendPong sends a pong or holds it back, without waiting, and reports whether
// it has: not if the peer takes nothing.
func (c *Conn) sendPong(payload []byte) (sent bool) {
	if !c.taking() {
		return false
	}
	out, err := c.proto.AppendPong(c.outgoing(len(payload)), payload)
	if err != nil || c.cause.Load() != nil {
		c.notAppended(err)
		return true // there is nothing more to be sent
	}
	if c.out.b = out; len(out) < c.mayHold() {
		watchmen.watch(c)
		return true
	}
	c.flushSome()
	return true
}

// taking reports whether pongs may be appended to out. What is in it because
// the kernel has not taken it is tried once more; if that fails, they wait.
func (c *Conn) taking() bool {
	switch pending := c.pending(); {
	case pending == 0 || pending < c.mayHold():
		return true
	case c.raw == nil:
		return pending <= maxTail
	}
	return c.wrote(c.tryWrite(nil))
}

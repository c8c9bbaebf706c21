package websocket

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/ws"
)

// All of this needs the writing lock, but for what is at the end.

const (
	// holdMost is from how many bytes on what is held back is written. It is less
	// than maxTail, and fits into a buffer.
	holdMost = 62 << 10
	// holdSome is the same outside of Serve, and what is written in answer to
	// the last message that has arrived may come to besides what was held back.
	holdSome = 16 << 10
	// maxTail is how much of a frame that has begun is kept, when the context
	// of its Write ends, to be sent before the next one.
	maxTail = 64 << 10
)

// attempt is one write that does not wait, on its way into the callback of a
// RawConn and out of it.
type attempt struct {
	c       *Conn
	write   func(fd uintptr) bool // a.run, made once
	payload []byte                // behind what is in out
	n       int
	errno   rawio.Errno
}

// outgoing returns where to append a frame with so many bytes.
func (c *Conn) outgoing(size int) []byte {
	if size += ws.MaxHeaderSize; c.out == nil {
		c.out = borrow(size)
	} else if size += len(c.out.b); size > cap(c.out.b) {
		next := borrow(size)
		next.b = append(next.b, c.out.b...)
		c.out.giveBack()
		c.out = next
	}
	return c.out.b
}

// drained gives the memory of what has been written back.
func (c *Conn) drained() {
	c.out.giveBack()
	c.out = nil
	watchmen.dismiss(c)
}

// pending returns how many bytes wait to be written.
func (c *Conn) pending() int {
	if c.out == nil {
		return 0
	}
	return len(c.out.b)
}

// tryWrite writes what can be written without waiting. The error is that of the
// transport. n counts the bytes of out and, behind them, of payload.
func (c *Conn) tryWrite(payload []byte) (n int, err error) {
	if c.raw == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.c, a.payload, a.n, a.errno = c, payload, 0, 0
	err = c.raw.Write(a.write)
	if err == nil && a.errno != 0 {
		err = os.NewSyscallError("write", a.errno)
	}
	n, a.c, a.payload = a.n, nil, nil
	attempts.Put(a)
	return n, err
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.write = a.run
	return a
}}

func (a *attempt) run(fd uintptr) bool {
	a.n, a.errno = a.c.writeTo(fd, a.payload)
	return true
}

// writeTo is tryWrite where the descriptor is at hand.
func (c *Conn) writeTo(fd uintptr, payload []byte) (n int, errno rawio.Errno) {
	switch {
	case len(payload) == 0:
		n, errno = rawio.Write(fd, c.out.b)
	case pagealias.Slow(payload, len(c.out.b)):
		n, errno = c.writeCopies(fd, payload)
	case len(c.out.b) == 0:
		n, errno = rawio.Write(fd, payload)
	default:
		n, errno = rawio.WriteTwo(fd, c.out.b, payload)
	}
	if rawio.Again(errno) {
		errno = 0
	}
	return n, errno
}

// writeCopies is writeTo where copies are faster.
func (c *Conn) writeCopies(fd uintptr, payload []byte) (n int, errno rawio.Errno) {
	for all := len(c.out.b) + len(payload); n < all; {
		b := c.piece(payload, n)
		m, errno := rawio.Write(fd, b)
		if n += m; errno != 0 || m < len(b) {
			return n, errno
		}
	}
	return n, 0
}

// piece returns some of out and payload, behind the first n bytes of that: it
// copies payload to where out is, and over it, once that has been written. All
// pieces lie at the same distance from where the kernel copies them to.
func (c *Conn) piece(payload []byte, n int) []byte {
	b, size := c.out.b[:cap(c.out.b)], len(c.out.b)
	if n < size {
		return b[n : size+copy(b[size:], payload)]
	}
	b = b[n%pagealias.PageSize:]
	return b[:copy(b, payload[n-size:])]
}

// writeAll writes payload behind the first n bytes of out and it, which are more
// than out, and waits if need be. It returns what has been written then.
func (c *Conn) writeAll(payload []byte, n int) (int, error) {
	size := len(c.out.b)
	if !pagealias.Slow(payload, size) {
		k, err := c.conn.Write(payload[n-size:])
		return n + k, err
	}
	for n < size+len(payload) {
		k, err := c.conn.Write(c.piece(payload, n))
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}

// flush writes everything, and payload behind it. before is how much of out
// belongs to frames that had to be sent anyway; if whole is set, what is behind
// it may be dropped as long as none of it has been written.
func (c *Conn) flush(ctx context.Context, payload []byte, before int, whole bool) error {
	n, err := c.tryWrite(payload)
	size := len(c.out.b)
	if err == nil && n == size+len(payload) {
		c.drained()
		return nil
	}
	if err != nil {
		c.drained()
		return c.writeFailed(err)
	}
	werr := c.beginWrite(ctx)
	if werr == nil {
		if n < size {
			var k int
			k, werr = c.conn.Write(c.out.b[n:])
			n += k
		}
		if werr == nil && len(payload) > 0 {
			n, werr = c.writeAll(payload, n)
		}
	}
	cut := c.endWrite()
	if werr == nil {
		c.drained()
		return nil
	}
	return c.unwritten(ctx, payload, n, before, whole, werr, cut)
}

// unwritten decides what becomes of a write that has stopped after n bytes.
func (c *Conn) unwritten(ctx context.Context, payload []byte, n, before int, whole bool, err error, cut bool) error {
	if !(cut && timedOut(err)) && err != ctx.Err() {
		c.drained()
		if c.settings.writeTimeout > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return c.broken(EndedByTimeout, err)
		}
		return c.writeFailed(err)
	}
	ended := c.cancelled(ctx)
	if whole && n <= before {
		c.out.b = append(c.out.b[:0], c.out.b[n:before]...)
		if len(c.out.b) == 0 {
			c.drained()
		}
		return ended
	}
	size := len(c.out.b)
	if size+len(payload)-n > maxTail {
		c.drained()
		return c.cutOff(ended)
	}
	if n < size {
		c.out.b = append(append(c.out.b[:0], c.out.b[n:]...), payload...)
	} else {
		c.out.b = append(c.out.b[:0], payload[n-size:]...)
	}
	return ended
}

// flushSome writes what can be written now, and leaves the rest to others.
func (c *Conn) flushSome() {
	switch {
	case c.pending() == 0:
	case c.raw == nil:
		go c.flushLater()
	case !c.wrote(c.tryWrite(nil)):
		watchmen.watch(c)
	}
}

// wrote notes that n bytes of out have been written, and reports whether that
// is all, or the end.
func (c *Conn) wrote(n int, err error) (done bool) {
	switch {
	case err != nil:
		c.drained()
		c.writeFailed(err)
	case n == len(c.out.b):
		c.drained()
	default:
		c.out.b = append(c.out.b[:0], c.out.b[n:]...)
		return false
	}
	return true
}

// flushPending writes what has been held back. What is left when ctx ends is
// for the watchman.
func (c *Conn) flushPending(ctx context.Context) {
	c.flush(ctx, nil, len(c.out.b), true)
	if c.pending() > 0 {
		watchmen.watch(c)
	}
}

// holdLess as the value of Conn.hold stands for holdSome more than is held back
// when that is asked for next, and at most holdMost.
const holdLess = -1

// mayHold returns how many bytes may be held back for now.
func (c *Conn) mayHold() int {
	most := c.hold.Load()
	if most == holdLess {
		most = int32(min(c.pending()+holdSome, holdMost))
		c.hold.CompareAndSwap(holdLess, most)
	}
	return int(most)
}

// These take the writing lock themselves.

// lockToFlush takes the writing lock. If somebody else has it, he writes what
// is held back when he is done: who reads does not wait for who writes, or two
// ends of a connection could wait for each other.
func (c *Conn) lockToFlush() bool {
	if c.writing.tryLock() {
		return true
	}
	c.late.CompareAndSwap(nil, &lateFlush)
	return c.writing.tryLock()
}

// flushHeld writes what has been held back, before something is waited for.
func (c *Conn) flushHeld(ctx context.Context) {
	if !c.lockToFlush() {
		return
	}
	if c.pending() > 0 && c.cause.Load() == nil {
		c.flushPending(ctx)
	}
	c.unlockWriting()
}

// flushNow is flushHeld without waiting.
func (c *Conn) flushNow() {
	if !c.lockToFlush() {
		return
	}
	if c.pending() > 0 && !c.inside.over() && !c.wrote(c.tryWrite(nil)) {
		go c.flushLater() // when the kernel takes more
	}
	c.unlockWriting()
}

// flushLater is flushHeld for as long as that takes.
func (c *Conn) flushLater() {
	if !c.writing.lock(nil, c.done(), nil) {
		return
	}
	if c.pending() > 0 {
		c.flushPending(context.Background())
	}
	c.unlockWriting()
}

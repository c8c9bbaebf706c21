package wspoll

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Close sends a close frame with a code and a reason, which is cut if it does not
// fit into 123 bytes, after what waits to be sent. Messages that come after that are dropped. It does not wait:
// OnClose is called when the peer has answered, or its time is up, five seconds.
// ws.StatusNoStatusRcvd stands for no code.
//
// The error is net.ErrClosed and why the connection has ended, if it had before, or
// that the code cannot be sent; then the connection goes on.
func (c *Conn) Close(code ws.StatusCode, reason string) error {
	if code != ws.StatusNoStatusRcvd {
		if err := ws.CheckCloseFrameData(code, ""); err != nil {
			return fmt.Errorf("wspoll: close code %d cannot be sent; applications may use 4000 to 4999: %w", code, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = true
	if !c.happen(endpoint.WeClose, wsproto.ConnError{By: wsproto.EndedByUs, Code: code, Reason: reason}) {
		return fmt.Errorf("wspoll: %w before: %w", net.ErrClosed, c.err())
	}
	if !c.failed {
		if c.queue != nil {
			c.takeFrom(c.queue, math.MaxInt) // it goes before the close frame
		}
		c.out.Close(code, reason, c.loop.clock())
		c.loop.countClose(code)
		c.flush()
	}
	c.tell()
	return nil
}

// CloseNow ends the connection without a closing handshake. What waits to be sent
// is dropped. It does not wait for OnClose.
func (c *Conn) CloseNow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = true
	c.happen(endpoint.WeClose, wsproto.ConnError{By: wsproto.EndedByUs, Code: ws.StatusAbnormalClosure})
	c.dropOutput(c.err())
	c.loop.post(taskKill, c)
}

// found is what was come upon at the end of a connection: the peer's close frame,
// or an error.
type found struct {
	event wsproto.Event
	err   error
}

// conclude ends the connection for what was found: it sends the answer and tells
// the application. The loop does what is left.
func (c *Conn) conclude(f found) {
	cause := describe(f)
	c.mu.Lock()
	c.happen(endpoint.ReadEnds, cause)
	if cause.Code != ws.StatusAbnormalClosure && !c.failed {
		now := c.loop.clock()
		if c.out.Sender.Phase(now) == wsproto.PhaseOpen {
			c.loop.countClose(cause.Code)
		}
		if f.event.Op == ws.OpClose { // its code and its reason come back
			c.out.Close(cause.Code, cause.Reason, now)
		}
		c.out.Answer(f.event, f.err, now)
	}
	c.corked = false
	c.flush()
	c.over = c.failed || cause.Code == ws.StatusAbnormalClosure
	c.mu.Unlock()
	c.stage = stageDrain
	if c.rx != nil {
		c.loop.counts.received(&c.rx.tally) // before the application is told
		c.charge(0)
		c.rx.Free()
	}
	c.handleClose()
}

// describe says why the connection ends for what was found.
func describe(f found) wsproto.ConnError {
	if f.err == nil {
		return endpoint.CloseFrameCause(f.event)
	}
	if _, transport := f.err.(*transportError); transport {
		return wsproto.ConnError{By: wsproto.EndedByTransport, Code: ws.StatusAbnormalClosure, Err: errors.Unwrap(f.err)}
	}
	return endpoint.FaultCause(f.err)
}

// transportError tells an error of the socket from one that the receiving half has
// found. Its net.Error makes wsproto.CloseCode return 1006.
type transportError struct{ error }

func (e *transportError) Unwrap() error           { return e.error }
func (*transportError) StatusCode() ws.StatusCode { return ws.StatusAbnormalClosure }

// endOfInput returns what an error of the socket means here.
func (c *Conn) endOfInput(err error) error {
	if end := c.rx.Receiver.EOF(); err == io.EOF && end != nil {
		err = end
	}
	return &transportError{err}
}

// look does what is the loop's when something has changed.
func (c *Conn) look() {
	c.mu.Lock()
	c.told = false
	c.mu.Unlock()
	if c.gone {
		return
	}
	switch {
	case c.lent:
	case c.stage == stageDrain:
		c.drainInput()
	case c.paused:
		c.mayResume()
	}
	c.schedule()
}

// drainInput is what is left once nothing is received any more: what waits is sent,
// the sending direction is closed, and what comes is dropped, up to the end. Closing
// a socket with bytes unread may destroy what is on its way to the peer (RFC 6455,
// section 7.1.1).
func (c *Conn) drainInput() {
	sent, failed := c.shutWhenSent()
	for rounds := 0; c.ready.has(readable) && !failed; rounds++ {
		if rounds == drainReads {
			c.loop.enqueue(c)
			return
		}
		n, dry, err := c.loop.poll.read(c.socket, c.loop.scratch)
		c.heard(n, dry)
		if err != nil {
			c.eof = true
			c.ready &^= readable
		}
	}
	if failed || c.over || c.eof && sent {
		c.remove(wsproto.EndedByTransport, nil)
	}
}

// shutWhenSent closes the sending direction once all has left.
func (c *Conn) shutWhenSent() (sent, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.tls(); t != nil && !c.shut && !c.failed && c.sending() == 0 {
		t.conn.CloseWrite() // says goodbye, on the wire
		c.flush()
	}
	if sent = c.sending() == 0; sent && !c.shut {
		c.shut = true
		c.loop.poll.shut(c.socket)
	}
	return sent, c.failed
}

// drainReads is how often a connection is read in a turn whose bytes are dropped.
const drainReads = 4

// remove ends the connection, for a cause unless another one was known before. It
// leaves the loop, and its socket is released. While a worker has it, that is put
// off until it is back.
func (c *Conn) remove(by wsproto.EndedBy, err error) {
	if c.gone {
		return
	}
	c.mu.Lock()
	c.happen(endpoint.TransportClosed, wsproto.ConnError{By: by, Code: ws.StatusAbnormalClosure, Err: err})
	c.asked = true
	c.dropOutput(c.err())
	c.mu.Unlock()
	if c.lent {
		c.dying = true
		return
	}
	c.handleClose()
	c.dismiss()
	c.account()
	switch {
	case c.opened:
		c.countEnded()
	case c.stage != stageDrain:
		c.handleRefused(c.refusedFor(by, err))
	}
	c.leave()
	c.mu.Lock()
	c.loop.poll.release(c.socket)
	c.socket = released
	c.mu.Unlock()
	c.loop.count.Add(-1)
}

// refusedFor returns why a handshake has failed that had no answer.
func (c *Conn) refusedFor(by wsproto.EndedBy, err error) error {
	if err == nil || by == wsproto.EndedByTransport {
		return errTransport
	}
	return err
}

// leave takes the connection out of its loop.
func (c *Conn) leave() {
	c.gone = true
	c.stage = stageDrain
	c.letGo()
	c.loop.timers.remove(c)
	c.loop.conns.remove(c)
}

// letGo gives back what the connection has.
func (c *Conn) letGo() {
	if c.rx != nil {
		c.charge(0)
		c.rx.Free()
		c.rx = nil
	}
	if c.extra == nil {
		return
	}
	if c.extra.opening != nil {
		c.extra.opening.end()
	}
	if c.extra.deflate != nil {
		c.extra.deflate.Release()
	}
}

// errTimeout is the cause of what took too long.
func errTimeout(what string) error {
	return fmt.Errorf("%s: %w", what, os.ErrDeadlineExceeded)
}

package websocket

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Close closes the connection with a code and a reason, which is cut if it does
// not fit into 123 bytes: it sends a close frame and reads, dropping messages,
// until the peer has answered it. It is the same as CloseContext with a timeout of
// five seconds.
func (c *Conn) Close(code StatusCode, reason string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.CloseContext(ctx, code, reason)
}

// CloseContext is Close for as long as ctx allows; then it is CloseNow. It
// returns nil if the peer has answered with the same code. If another call has
// closed the connection, or it has ended, CloseContext waits until that is done;
// the error is net.ErrClosed and why it has ended. If the code cannot be sent,
// 1011 is, or in a web page none, and the error says so.
//
// While Serve runs, CloseContext sends the close frame and returns nil: the rest is
// left to Serve, until the deadline of ctx, or for five seconds if it has none. So it
// may be called in a [Handler].
func (c *Conn) CloseContext(ctx context.Context, code StatusCode, reason string) error {
	if ctx == nil {
		return errorf("close", errNilContext)
	}
	cause, bad := c.closing(code, reason)
	c.ask()
	if !c.end.happen(endpoint.WeClose, cause) {
		return c.closedBefore(ctx)
	}
	err := c.sendClose(ctx, cause)
	if err == nil && c.in.serving.CompareAndSwap(serving, servingClose) {
		// Read in the loop of Serve, but not for ever.
		c.transport.readDeadline().finally(timeLeft(ctx))
		return bad
	}
	switch {
	case err == nil:
		err = c.awaitClose(ctx, cause.Code)
	case c.out.failed.Load() != nil:
		// The peer will not answer, but may have closed before.
		brief, cancel := withPatience(ctx)
		if c.awaitClose(brief, cause.Code); c.end.cause.Load().Received != nil {
			err = c.end.err()
		}
		cancel()
	}
	c.finish(cause)
	switch {
	case bad != nil:
		return bad
	case err == nil:
		return nil
	}
	return errorf("close", err)
}

// closing is what a close by this end amounts to. bad says why the peer is sent another
// code than that, or none.
func (c *Conn) closing(code StatusCode, reason string) (cause ConnError, bad error) {
	if bad = checkCode(code); bad != nil {
		return ConnError{By: EndedByUs, Code: ws.StatusInternalServerError}, bad
	}
	if bad = c.transport.checkClose(ws.StatusCode(code)); bad != nil {
		bad = errorf("close", bad)
	}
	return ConnError{By: EndedByUs, Code: ws.StatusCode(code), Reason: reason}, bad
}

// timeLeft returns how long it is until the deadline of ctx, and closeTimeout if it
// has none.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Until(deadline), 0)
	}
	return closeTimeout
}

// checkCode says why a code cannot be sent.
func checkCode(code StatusCode) error {
	err := ws.CheckCloseFrameData(ws.StatusCode(code), "")
	switch {
	case code == StatusNoStatusRcvd:
		return nil
	case code < 1000 || code > 4999:
		return fmt.Errorf("websocket: close code %d cannot be sent: codes are 1000 to 4999, of which applications may use 4000 to 4999: %w", int(code), ws.ErrProtocolStatusCodeNotInUse)
	case err != nil:
		return fmt.Errorf("websocket: close code %d cannot be sent; applications may use 4000 to 4999: %w", int(code), err)
	}
	return nil
}

// CloseLater is Close without waiting, for somebody who must not: who holds a lock,
// or has many others to serve, and drops this one. It sends the close frame if that
// can be done at once. A goroutine does the rest, within five seconds; by then all
// calls that read or write have ended too. What is being written is cut off if its
// context can be cancelled, and otherwise has that time to leave.
//
// The error is net.ErrClosed, and why, if the connection is closed already. If the
// code cannot be sent, 1011 is, and the error says so.
func (c *Conn) CloseLater(code StatusCode, reason string) error {
	cause, bad := c.closing(code, reason)
	if !c.closeLater(cause, true) {
		return c.closedAlready()
	}
	return bad
}

// closeLater reports whether the connection was not closed before. If it is closed
// for an error, what waits in the queue is dropped. Unless cut is set, whoever reads
// goes on, to come upon the peer's close frame.
func (c *Conn) closeLater(cause ConnError, cut bool) bool {
	c.ask()
	if !c.end.happen(endpoint.WeClose, cause) {
		return false
	}
	if cause.Err != nil {
		c.queue().end(c.end.err())
	}
	if cut {
		c.transport.readDeadline().cancel()
	}
	c.transport.writeDeadline().cancel()
	sent := c.trySendClose(cause)
	go c.endClosing(cause, sent)
	return true
}

// endClosing does the rest of a closing handshake, of which our close frame may
// have been sent.
func (c *Conn) endClosing(cause ConnError, sent bool) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if sent || c.sendClose(ctx, cause) == nil {
		c.awaitClose(ctx, cause.Code)
	}
	c.finish(cause)
}

// trySendClose is sendClose, if that need not wait: a program that ends now
// has said goodbye.
func (c *Conn) trySendClose(cause ConnError) (sent bool) {
	if c.transport.raw == nil || !c.out.lock.tryLock() {
		return false
	}
	defer c.unlockOutput()
	c.queue().shut(c.end.err())
	if c.queue() != nil && (c.pump(sending{}) != nil || c.queue().ready()) {
		return false
	}
	return c.appendClose(cause) == nil && c.flush(sending{}) == nil
}

// closedBefore waits for the end that somebody else has begun.
func (c *Conn) closedBefore(ctx context.Context) error {
	if c.in.serving.Load() == notServing {
		select {
		case <-c.end.done():
		case <-ctx.Done():
			c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure})
		}
	}
	return c.closedAlready()
}

func (c *Conn) closedAlready() error {
	return fmt.Errorf("websocket: %w before: %w", net.ErrClosed, c.end.err())
}

// sendClose sends our close frame, unless somebody else has, after all that waits
// in the queue. Nothing else is sent after it.
func (c *Conn) sendClose(ctx context.Context, cause ConnError) error {
	if !c.out.lock.lock(ctx.Done(), c.end.done()) {
		return cmp.Or(ctx.Err(), c.end.err())
	}
	defer c.unlockOutput()
	c.queue().shut(c.end.err()) // or the message of a Write that is late would wait for ever
	if c.queue() != nil && c.out.failed.Load() == nil {
		if err := c.pump(sending{way: waiting, ctx: ctx}); err != nil {
			return err
		}
	}
	if err := c.appendClose(cause); err != nil {
		return err
	}
	return c.flush(c.everything(ctx))
}

func (c *Conn) appendClose(cause ConnError) error {
	if failed := c.out.failed.Load(); failed != nil {
		return failed
	}
	if err := c.out.box.Close(cause.Code, cause.Reason, now()); err != wsproto.ErrClosed {
		return err
	}
	return nil
}

// awaitClose reads until the peer has answered our close frame, unless another
// goroutine reads already. The error is nil if it came with the same code.
func (c *Conn) awaitClose(ctx context.Context, code ws.StatusCode) error {
	var err error
	if c.in.lock.lock(ctx.Done(), c.end.done()) {
		err = c.readToEnd(ctx)
	} else if err = ctx.Err(); err == nil {
		err = c.end.err() // whoever reads has come upon it
	}
	if end := c.end.cause.Load(); end.Received != nil {
		if end.Received.Code == code {
			return nil
		}
		return end
	}
	return err
}

// readToEnd reads up to the end of the connection, which it returns. It gives the
// lock of the input back.
func (c *Conn) readToEnd(ctx context.Context) error {
	defer c.unlockInput() // a hook may panic
	c.wake()
	_, err := c.read(ctx, pieces)
	return err
}

// CloseNow closes the connection without a closing handshake. The error is
// net.ErrClosed if that is not the first call of it or of Close. If a Close is
// under way in another goroutine, its close frame is let out first, where that need
// not wait for the peer.
func (c *Conn) CloseNow() (err error) {
	again := c.end.asked.Swap(true)
	if again {
		c.letCloseOut()
	}
	c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure})
	if again {
		return c.closedAlready()
	}
	return nil
}

// letCloseOut sees to it that the close frame of a Close in another goroutine is
// sent, if that need not wait for the peer.
func (c *Conn) letCloseOut() {
	cause := c.end.cause.Load()
	if c.transport.gate.over() || cause == nil || cause.By != EndedByUs || cause.Code == ws.StatusAbnormalClosure {
		return
	}
	ctx, cancel := withPatience(context.Background())
	defer cancel()
	if !c.out.lock.lock(ctx.Done(), c.end.done()) {
		return
	}
	defer c.unlockOutput()
	if c.transport.raw != nil {
		cancel() // it gets what the kernel takes at once
	}
	if c.appendClose(*cause) == nil {
		c.flush(c.everything(ctx))
	}
}

package websocket

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// closeTimeout is how long Close takes at most, and how long the peer has for
// each step of a closing handshake that it has begun or caused.
const closeTimeout = wsproto.DefaultCloseTimeout

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
// 1011 is, and the error says so.
//
// While Serve runs, CloseContext sends the close frame and returns nil: the rest,
// of at most five seconds, is left to Serve. So it may be called in a Handler.
func (c *Conn) CloseContext(ctx context.Context, code StatusCode, reason string) error {
	if ctx == nil {
		return errorf("close", errNilContext)
	}
	cause := ConnError{By: EndedByUs, Code: ws.StatusCode(code), Reason: reason}
	bad := checkCode(code)
	if bad != nil {
		cause.Code, cause.Reason = ws.StatusInternalServerError, ""
	}
	c.end.asked.Store(true)
	if !c.end.happen(endpoint.WeClose, cause) {
		return c.closedBefore(ctx)
	}
	err := c.sendClose(ctx, cause)
	if err == nil && c.in.serving.CompareAndSwap(serving, servingClose) {
		// Read in the loop of Serve, but not for ever.
		c.transport.readDeadline().finally(closeTimeout)
		return bad
	}
	switch {
	case err == nil:
		err = c.awaitClose(ctx, cause.Code)
	case c.out.failed.Load() != nil:
		// The peer will not answer, but may have closed before.
		brief, cancel := context.WithTimeout(ctx, patience)
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

// closeLater sends a close frame and ends all calls that read or write. A
// goroutine does the rest of the closing handshake.
func (c *Conn) closeLater() {
	cause := ConnError{By: EndedByUs, Code: ws.StatusNormalClosure}
	c.end.asked.Store(true)
	if !c.end.happen(endpoint.WeClose, cause) {
		return
	}
	c.transport.readDeadline().cancel()
	c.transport.writeDeadline().cancel()
	sent := c.trySendClose(cause)
	go c.endClosing(cause, sent)
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
	return fmt.Errorf("websocket: %w before: %w", net.ErrClosed, c.end.err())
}

// sendClose sends our close frame, unless somebody else has. Nothing else is sent
// after it.
func (c *Conn) sendClose(ctx context.Context, cause ConnError) error {
	if !c.out.lock.lock(ctx.Done(), c.end.done()) {
		return cmp.Or(ctx.Err(), c.end.err())
	}
	defer c.unlockOutput()
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

// awaitClose reads until the peer has answered our close frame, unless somebody
// else who reads does. The error is nil if it came with the same code.
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
		return fmt.Errorf("websocket: %w before: %w", net.ErrClosed, c.end.err())
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
	ctx, cancel := context.WithTimeout(context.Background(), patience)
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

// finish ends the connection, for cause unless another one was known before.
func (c *Conn) finish(cause ConnError) {
	c.end.happen(endpoint.TransportClosed, cause)
	if c.transport.close() {
		c.release()
		c.end.over()
	}
}

// release lets go of what the connection has besides its transport: a timer, and
// its part of what connections hold together.
func (c *Conn) release() {
	e := c.extra.Load()
	if e == nil {
		return
	}
	if e.alive != nil {
		e.alive.end()
	}
	if deflate, ok := e.extension.(*wsflate.Deflate); ok {
		deflate.Release()
	}
	e.charge.end(c.settings.messages)
}

// conclude ends the connection for what a reader has come upon, and returns why
// it has ended. It needs the lock of the input, and must not be called in a
// callback of the transport.
func (c *Conn) conclude(ctx context.Context, f found) error {
	cause := c.describe(f)
	switch failed := c.out.failed.Load(); {
	case cause.By != EndedByTimeout:
	case failed != nil:
		cause.By, cause.Err = EndedByTransport, nil // it has failed, and the end did not come in time
	case c.end.err() == nil:
		f.err = silent{f.err}
		cause.Code, cause.Reason = wsproto.CloseCode(f.err), wsproto.CloseReason(f.err)
	}
	if f.event.Op == ws.OpClose { // of memory that is not needed any more
		f.event.Payload = ws.AppendClose(nil, cause.Code, cause.Reason)
	}
	if rx := c.in.rx; rx != nil {
		rx.Free()
	}
	c.end.happen(endpoint.ReadEnds, cause)
	if cause.Code != ws.StatusAbnormalClosure {
		c.answerEnd(ctx, f)
	}
	c.finish(cause)
	return c.end.err()
}

// answerEnd sends the close frame that the peer is to get for what a reader has
// come upon, and waits for it to end the transport. The peer has five seconds for
// all of that.
func (c *Conn) answerEnd(ctx context.Context, f found) {
	limit, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	phase, sent := c.sendAnswer(limit, f)
	if !sent || phase == wsproto.PhaseOver {
		return
	}
	// Closing with bytes unread may destroy what is on its way to the peer
	// (RFC 6455, section 7.1.1).
	if phase == wsproto.PhaseShut && !closeWrite(c.transport.conn) {
		return
	}
	c.transport.readDeadline().begin(limit, 0)
	io.Copy(io.Discard, checkedio.Reader{R: c.transport.conn}) // and hides what else it can do, which would ask for more memory
	c.transport.endReads()
}

func (c *Conn) sendAnswer(ctx context.Context, f found) (phase wsproto.Phase, sent bool) {
	if !c.out.lock.lock(ctx.Done(), c.end.done()) {
		return 0, false
	}
	defer c.unlockOutput()
	if c.out.failed.Load() != nil {
		return 0, false
	}
	if f.event.Op == ws.OpClose {
		// Its code and its reason come back, as from coder's.
		c.out.box.Close(f.event.Code(), string(f.event.Reason()), now())
	}
	c.out.box.Answer(f.event, f.err, now())
	sent = c.flush(c.everything(ctx)) == nil
	return c.out.box.Sender.Phase(now()), sent
}

// silent is the error of a peer that has sent nothing for too long.
type silent struct{ error }

func (silent) Error() string { return "nothing was received for too long" }

func (e silent) Unwrap() error { return e.error }

func (silent) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

func (s silent) CloseReason() string { return s.Error() }

package websocket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// closeTimeout is how long Close takes at most, and how long the peer has for
// each step of a closing handshake that it has begun or caused.
const closeTimeout = wsproto.DefaultCloseTimeout

// Close closes the connection with a code and a reason, which is cut if it does
// not fit into 123 bytes: it sends a close frame and reads, dropping messages,
// until the peer has answered it, for at most five seconds. It is CloseContext
// with a context of that length.
func (c *Conn) Close(code StatusCode, reason string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.CloseContext(ctx, code, reason)
}

// CloseContext is Close for as long as ctx allows; then it is CloseNow. It
// returns nil if the peer has answered with the same code. If another call has
// closed the connection, or it has ended, CloseContext waits until that is done;
// the error is net.ErrClosed and why it has ended.
//
// While Serve runs, CloseContext sends the close frame and returns nil: the rest,
// of at most five seconds, is left to Serve. So it may be called in a Handler.
func (c *Conn) CloseContext(ctx context.Context, code StatusCode, reason string) error {
	cause := &ConnError{By: EndedByUs, Code: code, Reason: reason}
	bad := checkCode(code)
	if bad != nil {
		cause.Code, cause.Reason = StatusInternalError, ""
	}
	c.closing.Store(true) // before anybody sees the cause, and calls CloseNow for it
	if !c.cause.CompareAndSwap(nil, cause) {
		return c.closedBefore(ctx)
	}
	err := c.sendClose(ctx, cause)
	if err == nil && c.serving.CompareAndSwap(serving, servingClose) {
		// Read in the loop of Serve, but not for ever.
		c.watchOf(&c.rwatch).finally(closeTimeout)
		return bad
	}
	switch {
	case err == nil:
		err = c.awaitClose(ctx, cause)
	case c.unsent() != nil:
		// The peer will not answer, but may have closed before.
		brief, cancel := context.WithTimeout(ctx, patience)
		if c.awaitClose(brief, cause); c.cause.Load().Received != nil {
			err = c.err()
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

// closeBehind sends a close frame and ends all calls that read or write. The
// rest of the closing handshake goes on behind its back.
func (c *Conn) closeBehind() error {
	cause := &ConnError{By: EndedByUs, Code: StatusNormalClosure}
	c.closing.Store(true)
	if !c.cause.CompareAndSwap(nil, cause) {
		return nil
	}
	c.watchOf(&c.rwatch).cancel()
	c.watchOf(&c.wwatch).cancel()
	sent := c.trySendClose(cause)
	go c.endClosing(cause, sent)
	return nil
}

// endClosing does the rest of a closing handshake, of which our close frame may
// have been sent.
func (c *Conn) endClosing(cause *ConnError, sent bool) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if sent || c.sendClose(ctx, cause) == nil {
		c.awaitClose(ctx, cause)
	}
	c.finish(cause)
}

// trySendClose is sendClose, if that need not wait: a program that ends now
// has said goodbye.
func (c *Conn) trySendClose(cause *ConnError) (sent bool) {
	if c.raw == nil || !c.writing.tryLock() {
		return false
	}
	defer c.unlockWriting()
	out, err := c.proto.AppendClose(c.outgoing(ws.MaxControlFramePayloadSize), ws.StatusCode(cause.Code), cause.Reason, now())
	if err != nil {
		c.notAppended(err)
		return false
	}
	c.out.b = out
	c.flushSome()
	return true
}

// closedBefore waits for the end that somebody else has begun.
func (c *Conn) closedBefore(ctx context.Context) error {
	if c.serving.Load() == notServing {
		select {
		case <-c.done():
		case <-ctx.Done():
			c.finish(&ConnError{By: EndedByUs, Code: StatusAbnormalClosure})
		}
	}
	return fmt.Errorf("websocket: %w before: %w", net.ErrClosed, c.err())
}

// sendClose sends our close frame, unless somebody else has. Nothing else is sent
// after it.
func (c *Conn) sendClose(ctx context.Context, cause *ConnError) error {
	if !c.writing.lock(ctx.Done(), c.done(), nil) {
		return cmp.Or(ctx.Err(), c.err())
	}
	defer c.unlockWriting()
	return c.writeClose(ctx, cause)
}

// writeClose is sendClose for whoever has the writing lock.
func (c *Conn) writeClose(ctx context.Context, cause *ConnError) error {
	out, err := c.proto.AppendClose(c.outgoing(ws.MaxControlFramePayloadSize), ws.StatusCode(cause.Code), cause.Reason, now())
	if err != nil {
		c.notAppended(err)
		if failed := c.unsent(); failed != nil {
			return failed
		}
		return nil
	}
	c.out.b = out
	return c.flush(ctx, nil, len(out), false)
}

// awaitClose reads until the peer has answered our close frame, unless somebody
// else who reads does. The error is nil if it came with the same code.
func (c *Conn) awaitClose(ctx context.Context, cause *ConnError) error {
	var err error
	if c.reading.lock(ctx.Done(), c.done(), nil) {
		err = c.dropAll(ctx)
	} else if err = ctx.Err(); err == nil {
		err = c.err() // who reads has come upon it
	}
	if end := c.cause.Load(); end.Received != nil {
		if end.Received.Code == cause.Code {
			return nil
		}
		return end
	}
	return err
}

// CloseNow closes the connection without a closing handshake. If a Close is
// under way, its close frame is let out first where that need not wait for the
// peer. The error is net.ErrClosed if that is not the first call of it or of
// Close.
func (c *Conn) CloseNow() (err error) {
	again := c.closing.Swap(true)
	if again {
		c.letCloseOut()
	}
	c.finish(&ConnError{By: EndedByUs, Code: StatusAbnormalClosure})
	if again {
		return fmt.Errorf("websocket: %w before: %w", net.ErrClosed, c.err())
	}
	return nil
}

// letCloseOut sees to it that the close frame of a Close beside it is sent, if
// that need not wait for the peer.
func (c *Conn) letCloseOut() {
	cause := c.cause.Load()
	if c.inside.over() || cause == nil || cause.By != EndedByUs || cause.Code == StatusAbnormalClosure {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if !c.writing.lock(ctx.Done(), c.done(), nil) {
		return
	}
	defer c.unlockWriting()
	if c.raw != nil {
		cancel() // it gets what the kernel takes at once
	}
	c.writeClose(ctx, cause)
}

// conclude ends the connection for what the receiving half has come upon,
// unless that is just the end of ctx, and returns why it has ended. It needs
// the reading lock, and must not be called inside a callback.
func (c *Conn) conclude(ctx context.Context, err error) error {
	if err == ctx.Err() {
		return err
	}
	if end, ok := err.(*ConnError); ok {
		return end
	}
	c.wake()
	c.rx.in.free()
	code := wsproto.CloseCode(err)
	cause := &ConnError{Code: StatusCode(code), Err: err}
	var event wsproto.Event
	received, isClose := err.(*CloseError)
	switch {
	case isClose:
		cause.By, cause.Code, cause.Reason = EndedByPeer, received.Code, received.Reason
		cause.Received, cause.Err = received, nil
		body := ws.AppendClose(nil, ws.StatusCode(received.Code), "")
		event, err = wsproto.Event{Op: ws.OpClose, First: true, Last: true, Payload: body}, nil
	case code == ws.StatusAbnormalClosure || transportFailed(err):
		cause.By, cause.Code = EndedByTransport, StatusAbnormalClosure
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
		case c.unsent() != nil:
			cause.Err = nil // the transport has failed, and the end did not come in time
		default:
			cause.By = EndedByTimeout
			if c.cause.Load() == nil {
				err = silent{err}
				cause.Code, cause.Reason = StatusCode(silent{}.StatusCode()), wsproto.CloseReason(err)
			}
		}
	default:
		cause.By, cause.Err = faultOf(err)
		cause.Reason = wsproto.CloseReason(err)
	}
	if failed := c.unsent(); failed != nil {
		cause.Err = besides(cause.Err, failed.Err)
	}
	c.learn(cause)
	if cause.Code != StatusAbnormalClosure {
		c.answerEnd(ctx, event, err)
	}
	c.finish(cause)
	return c.err()
}

// learn notes why the connection ends. If that is known already, because we
// have begun it, the peer's answer or what went wrong then is added.
func (c *Conn) learn(cause *ConnError) {
	for !c.cause.CompareAndSwap(nil, cause) {
		old := c.cause.Load()
		known := *old
		if cause.Received != nil {
			known.Received = cause.Received
		}
		if known.Err == nil {
			known.Err = cause.Err
		}
		if c.inside.over() || c.cause.CompareAndSwap(old, &known) {
			return // what has ended is not added to: everybody gets the same
		}
	}
}

// answerEnd sends the close frame that the peer is to get for an event or an
// error, and waits for it to end the transport. The peer has five seconds for
// all of that.
func (c *Conn) answerEnd(ctx context.Context, ev wsproto.Event, err error) {
	limit, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if c.unsent() != nil || !c.writing.lock(limit.Done(), c.done(), nil) {
		return
	}
	out := c.proto.AppendAnswer(c.outgoing(ws.MaxControlFramePayloadSize), ev, err, now())
	c.out.b = out
	sent := c.flush(limit, nil, len(c.out.b), false) == nil
	phase := c.proto.Phase(now())
	c.unlockWriting()
	if !sent || phase == wsproto.PhaseOver {
		return
	}
	// Who closes with bytes unread may destroy what is on its way to the peer
	// (RFC 6455, section 7.1.1).
	if phase == wsproto.PhaseShut && !closeWrite(c.conn) {
		return
	}
	c.watchOf(&c.rwatch).begin(limit, 0)
	io.Copy(io.Discard, onlyReader{c.conn})
	c.endRead()
}

// onlyReader hides what else a net.Conn can do, which would ask for more memory.
type onlyReader struct{ io.Reader }

// silent is the error of a peer that has sent nothing for too long.
type silent struct{ error }

func (silent) Error() string { return "nothing was received for too long" }

func (e silent) Unwrap() error { return e.error }

func (silent) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

// transportFailed tells an error of the transport from one that the receiving
// half has found: those know their close code.
func transportFailed(err error) bool {
	_, coded := errors.AsType[interface {
		error
		StatusCode() ws.StatusCode
	}](err)
	return !coded
}

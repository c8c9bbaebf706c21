package websocket

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// found is what a reader has come upon at the end of a connection: the peer's
// close frame, or an error.
type found struct {
	event     wsproto.Event
	err       error
	transport bool // err is of the transport: a close code in it is not of this connection
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
		f.err = silent{error: f.err}
		cause.Code, cause.Reason = wsproto.CloseCode(f.err), wsproto.CloseReason(f.err)
	}
	if f.event.Op == ws.OpClose { // of memory that is not needed any more
		f.event.Payload = ws.AppendClose(nil, cause.Code, cause.Reason)
	}
	if rx := c.in.rx; rx != nil {
		rx.Free()
	}
	c.end.happen(endpoint.ReadEnds, cause)
	c.countReceived() // the peer's close frame too
	switch {
	case cause.Code != ws.StatusAbnormalClosure:
		c.answerEnd(ctx, f)
	case errors.Is(f.err, io.EOF), errors.Is(f.err, io.ErrUnexpectedEOF):
		c.flushLast(ctx)
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

// flushLast sends pongs and replies that were held back for the next wait, which does
// not come: a peer that has ended its own direction may still receive. It has five
// seconds for that.
func (c *Conn) flushLast(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	if !c.out.lock.lock(limit.Done(), c.end.done()) {
		return
	}
	defer c.unlockOutput()
	if c.out.failed.Load() == nil && c.out.box.Len() > 0 {
		c.flush(c.everything(limit))
	}
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

// describe says why the connection ends for what a reader has come upon.
func (c *Conn) describe(f found) ConnError {
	if f.err == nil {
		return endpoint.CloseFrameCause(f.event)
	}
	switch fault := endpoint.FaultCause(f.err); {
	case fault.Code != ws.StatusAbnormalClosure && !f.transport && !transportFailed(f.err):
		fault.Err = describeLimit(f.err)
		return fault
	case errors.Is(f.err, os.ErrDeadlineExceeded):
		return ConnError{By: EndedByTimeout, Code: ws.StatusAbnormalClosure, Err: f.err}
	}
	return ConnError{By: EndedByTransport, Code: ws.StatusAbnormalClosure, Err: f.err}
}

// transportFailed tells an error of the transport from one that the receiving
// half has found: those know their close code.
func transportFailed(err error) bool {
	_, coded := errors.AsType[interface {
		error
		StatusCode() ws.StatusCode
	}](err)
	return !coded
}

package websocket

import (
	"context"
	"errors"
	"io"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Handler is called for each message that Serve receives. p is valid until it
// returns. An error ends the connection: the peer is sent the close code that
// [wsproto.CloseCode] finds for it, usually 1011.
type Handler func(ctx context.Context, typ MessageType, p []byte) error

// Serve reads the connection and calls handler for each message, until the
// connection has ended, or ctx has. It returns why: a [*ConnError], or an error
// of ctx, after which the connection goes on, and Serve may be called again.
//
// Many messages that arrive together are read together, and what is written
// while they are handled leaves together. Replies are flushed when the input is
// drained, when 62 KiB are waiting (16 KiB during the last message received), or
// after 10 milliseconds. So a handler may wait for the answer to what it has
// written, if somebody else can receive it. It must not read from this
// connection, or ping its peer. Close in it sends the close frame, CloseNow
// closes the sending direction; what is left to do is done when it has returned.
//
// If handler panics, the connection is closed, and the panic goes on.
func (c *Conn) Serve(ctx context.Context, handler Handler) error {
	if err := c.lockInput(ctx); err != nil {
		return errorf("serve", err)
	}
	if c.in.rx.stream != nil {
		c.unlockInput()
		return errorf("serve", c.unfinished())
	}
	s := &serveCall{c: c, ctx: ctx, handler: handler}
	c.in.serving.Store(serving)
	returned := false
	defer func() {
		if !returned {
			s.panicked()
		}
		c.out.setHold(c.settings.hold)
		left := c.in.serving.Swap(notServing) == servingClose
		c.unlockInput()
		if left && !c.transport.gate.over() {
			go c.endClosing(*c.end.cause.Load(), true)
		}
	}()
	err := s.run()
	returned = true
	return errorf("serve", err)
}

// serveCall is a call of Serve, and what its transport reads for.
type serveCall struct {
	c       *Conn
	ctx     context.Context
	handler Handler
	end     peerEnd
}

// stop is why Serve does not go on.
type stop uint8

const (
	goOn           stop = iota // it does
	connectionEnds             // a reader has come upon the end
	handlerFailed              // or panicked
	cancelled                  // ctx has ended, or somebody has closed the connection
)

func (s *serveCall) run() error {
	c := s.c
	c.in.rx.stop = goOn
	s.handle()
	c.flushHeld(s.replies(descriptor{}))
	for c.in.rx.stop == goOn {
		if c.transport.raw == nil {
			s.receive()
		} else {
			s.stay()
		}
	}
	s.end.end(&c.transport)
	switch rx := c.in.rx; rx.stop {
	case handlerFailed:
		return s.failed(rx.found.err)
	case cancelled:
		return rx.found.err
	default:
		return c.conclude(s.ctx, rx.found)
	}
}

// receive is a round over any net.Conn.
func (s *serveCall) receive() {
	if ended, err := s.c.receive(s.ctx); err != nil {
		s.waited(ended, err)
		return
	}
	s.handle()
	s.c.flushHeld(s.replies(descriptor{}))
}

// stay is all rounds over a descriptor, inside one callback: to leave it and enter
// it again would mean to try reading before waiting, and a system call more for
// each round.
func (s *serveCall) stay() {
	c := s.c
	err := c.boundRead(s.ctx)
	if err == nil {
		err = c.transport.receive(s)
		c.readReturned()
	}
	cut := c.transport.endReads()
	switch rx := c.wake(); {
	case rx.stop != goOn:
	case cut && !c.transport.gate.over() && s.end.interrupted(s.ctx):
		// What is left is to be read, up to the end.
	case err == nil: // it was closed in the callback
		s.waited(false, c.end.err())
	default:
		if ended, err := c.received(s.ctx, err, cut); err != nil {
			s.waited(ended, err)
		}
	}
}

// replies is how what was written while messages were handled leaves.
func (s *serveCall) replies(d descriptor) sending {
	return sending{way: waiting, ctx: s.ctx, descriptor: d}
}

// waited notes how a wait for the transport has ended.
func (s *serveCall) waited(ended bool, err error) {
	rx := s.c.in.rx
	rx.stop, rx.found = cancelled, found{err: err, transport: ended}
	if ended {
		rx.stop = connectionEnds
	}
}

// HungUp is called when the peer has closed its sending direction.
func (s *serveCall) HungUp() { s.end.hungUp(&s.c.transport) }

// watchesEnd reports whether HungUp will be called. It begins to watch with the
// first bytes: a connection that receives nothing is spared the system calls.
func (s *serveCall) watchesEnd() bool {
	if !s.end.tried {
		s.end.tried = true
		s.end.begin(&s.c.transport, s)
	}
	return s.end.watched()
}

func (s *serveCall) room() []byte { return s.c.wake().Room() }

func (s *serveCall) received(d descriptor, n int, full bool, err error) then {
	c := s.c
	c.readReturned()
	if err != nil {
		if err == io.EOF {
			err = c.in.rx.Receiver.EOF()
		}
		s.waited(true, err)
		return leave
	}
	c.in.rx.Filled(n)
	c.arrived(n)
	s.handle()
	c.flushHeld(s.replies(d))
	c.yield()
	switch {
	case c.in.rx.stop != goOn:
		return leave
	case !full && s.watchesEnd():
		return await
	}
	return readOn
}

func (s *serveCall) park(descriptor) bool {
	s.c.rest()
	if timeout := s.c.silence(); timeout > 0 && s.c.out.failed.Load() == nil {
		s.c.transport.readDeadline().extend(timeout)
	}
	s.c.readWaits()
	return true
}

// handle calls the handler for all that has been received.
func (s *serveCall) handle() {
	c := s.c
	rx := c.in.rx
	c.out.setHold(endpoint.HoldBatch)
	defer c.out.setHold(c.settings.hold)
	for {
		if ended, err := c.keepPace(s.ctx); err != nil {
			s.waited(ended, err)
			rx.found.transport = false
			return
		}
		portion, dropping := whole, c.end.asked.Load()
		if dropping {
			c.drop()
			portion = pieces
		}
		ev, ok, err := c.next(s.ctx, portion)
		switch {
		case err != nil || ev.Op == ws.OpClose:
			rx.stop, rx.found = connectionEnds, found{event: ev, err: err}
			return
		case !ok && rx.Dry():
			return
		case !ok || dropping:
			if err := c.interrupted(s.ctx); err != nil {
				s.waited(false, err)
				return
			}
			continue
		case len(ev.Payload) > 0 && c.takesNothing():
			rx.stop, rx.found = connectionEnds, found{err: wsproto.ErrMessageTooLarge}
			return
		}
		if c.end.err() == nil {
			if !rx.Unread() {
				c.out.setHold(endpoint.HoldReplies)
			}
			if err := s.handler(s.ctx, MessageType(ev.Op), ev.Payload); err != nil {
				rx.stop, rx.found = handlerFailed, found{err: err}
				return
			}
		}
		if err := s.ctx.Err(); err != nil {
			rx.stop, rx.found = cancelled, found{err: err}
			return
		}
	}
}

// failed ends the connection for an error of the handler.
func (s *serveCall) failed(err error) error {
	c := s.c
	if ended := s.ctx.Err(); ended != nil && errors.Is(err, ended) {
		return ended // it has not failed, it was told to stop
	}
	code := wsproto.CloseCode(err)
	if code == ws.StatusAbnormalClosure || errors.Is(err, io.EOF) {
		code = ws.StatusInternalServerError // of some other connection
	}
	cause := ConnError{By: EndedByUs, Code: code, Reason: wsproto.CloseReason(err), Err: err}
	limit, cancel := context.WithTimeout(s.ctx, closeTimeout)
	defer cancel()
	sent := true // by the handler, if it has closed the connection before it failed
	switch failed := c.out.failed.Load(); {
	case failed != nil && errors.Is(err, failed):
		cause = *failed // the transport has failed, and what the peer has sent may say why
	case c.end.happen(endpoint.WeClose, cause):
		c.end.asked.Store(true)
		sent = c.sendClose(limit, cause) == nil
	}
	if sent {
		c.end.asked.Store(true)
		c.read(limit, pieces)
	}
	c.finish(cause)
	return c.end.err()
}

// panicked ends the connection while a panic of the handler, or of a hook, goes
// on.
func (s *serveCall) panicked() {
	c := s.c
	s.end.end(&c.transport)
	c.transport.gate.leave()
	c.transport.endReads()
	c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure, Err: errPanic})
	c.transport.gate.settle(c.transport.conn)
}

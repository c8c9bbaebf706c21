package websocket

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"sync/atomic"

	"github.com/wirews/wirews/internal/hangup"
	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Handler is called for each message that Serve receives. p is valid until it
// returns. An error ends the connection: the peer is sent the close code that
// wsproto.CloseCode finds for it, usually 1011.
type Handler func(ctx context.Context, typ MessageType, p []byte) error

// Serve reads the connection and calls handler for each message, until the
// connection has ended, or ctx has. It returns why: a *ConnError, or an error
// of ctx, after which the connection goes on, and Serve may be called again.
//
// Many messages that arrive together are read together, and what is written
// while they are handled leaves together: when nothing is left to handle, from
// 62 KiB on, or 16 in answer to the last message, and within ten milliseconds if
// the handler takes longer. So a handler may wait for the answer to what it has
// written, if somebody else can receive it. It must not read from this
// connection, or ping its peer. Close in it sends the close frame, CloseNow
// closes the sending direction; what is left to do is done when it has returned.
//
// If handler panics, the connection is closed, and the panic goes on.
func (c *Conn) Serve(ctx context.Context, handler Handler) error {
	if err := c.lockReading(ctx); err != nil {
		return errorf("serve", err)
	}
	if c.rx.stream != nil {
		c.unlockReading()
		return errorf("serve", c.unfinished())
	}
	s := &server{c: c, ctx: ctx, handler: handler}
	c.serving.Store(serving)
	panicked := true
	defer func() {
		s.unwatchEnd()
		if panicked {
			c.inside.leave()
			c.endRead()
			c.finish(&ConnError{By: EndedByUs, Code: StatusAbnormalClosure, Err: errPanic})
			c.inside.settle(c.conn)
		}
		c.hold.Store(c.settings.hold)
		left := c.serving.Swap(notServing) == servingClose
		c.unlockReading()
		if left && !c.inside.over() {
			go c.endClosing(c.cause.Load(), true)
		}
	}()
	err := s.run()
	panicked = false
	return errorf("serve", err)
}

// Whether Serve runs, and what is left to it.
const (
	notServing = iota
	serving
	servingClose // a closing handshake that has begun
)

var errPanic = errors.New("a handler or a hook has panicked")

// server is a call of Serve.
type server struct {
	c       *Conn
	ctx     context.Context
	handler Handler
	turns   int32 // bytes handled since others had their turn

	far atomic.Int32 // what is known of the peer's sending direction
	end hangup.Watch // which tells
}

// What is known of the peer's sending direction.
const (
	farUnknown = iota
	farOpen    // HungUp will be called
	farEnded   // it has been; what has been sent before may be there still
	farNoticed // and wait knows
)

// fairShare is how many bytes a connection handles at most before others have
// their turn.
const fairShare = 128 << 10

func (s *server) run() error {
	c := s.c
	round := s.wait
	if c.raw == nil {
		round = s.receive
	}
	err := s.handle()
	c.flushHeld(s.ctx)
	if err == ws.ErrShort {
		s.watchEnd()
	}
	for err == ws.ErrShort {
		err = round()
	}
	s.unwatchEnd()
	if failed, ok := err.(*handlerError); ok {
		return s.failed(failed.error)
	}
	return c.conclude(s.ctx, err)
}

// receive is a round over any net.Conn.
func (s *server) receive() error {
	err := s.c.receive(s.ctx)
	if err == nil {
		err = s.handle()
		s.c.flushHeld(s.ctx)
	}
	return err
}

// wait is all rounds over a descriptor, inside one RawConn.Read: to leave it
// and enter it again would mean to try reading before waiting, and a system
// call more for each round.
func (s *server) wait() error {
	c := s.c
	if err := c.beginRead(s.ctx); err != nil {
		c.endRead()
		return err
	}
	c.rx.err = nil
	err := c.raw.Read(s.ready)
	cut := c.endRead()
	c.inside.settle(c.conn)
	c.wake()
	if c.rx.err != nil {
		return c.rx.err
	}
	// Without an error, it was closed inside the callback, or is to go on.
	return cmp.Or(s.interrupted(err, cut), c.err(), error(ws.ErrShort))
}

// interrupted returns what it means that the wait has ended with err.
func (s *server) interrupted(err error, cut bool) error {
	c := s.c
	if cut && s.far.Load() == farEnded && s.ctx.Err() == nil && c.cause.Load() == nil {
		s.far.Store(farNoticed)
		return ws.ErrShort // HungUp has done that: what is left is to be read, up to the end
	}
	return c.received(s.ctx, 0, err, cut)
}

// ready is called when there may be something to read.
func (s *server) ready(fd uintptr) (done bool) {
	c := s.c
	if !c.inside.enter() {
		return true
	}
	c.wake()
	for {
		room := c.rx.in.room()
		n, errno := rawio.Read(fd, room)
		switch {
		case rawio.Again(errno):
			return s.park()
		case errno != 0:
			c.rx.err = os.NewSyscallError("read", errno)
		case n == 0:
			c.rx.err = c.rx.proto.EOF()
		default:
			c.rx.in.w += n
			err := s.handle()
			s.flushTo(fd)
			s.share(n)
			if err == ws.ErrShort {
				if n < len(room) && s.far.Load() == farOpen {
					return s.park() // nothing is left, most likely
				}
				continue
			}
			c.rx.err = err
		}
		c.inside.leave()
		return true
	}
}

// park waits for more. It reports whether the connection is to be closed
// instead.
func (s *server) park() (done bool) {
	c := s.c
	c.rest()
	if c.settings.readTimeout > 0 {
		c.watchOf(&c.rwatch).extend(c.settings.readTimeout)
	}
	return !c.inside.leave()
}

// watchEnd has HungUp called when the peer has ended. Without it, a read that
// was short would have to be followed by another one before waiting.
func (s *server) watchEnd() {
	if s.c.raw == nil {
		return
	}
	s.far.Store(farOpen)
	watched := false
	s.c.raw.Control(func(fd uintptr) { s.end, watched = hangup.Begin(fd, s) })
	if !watched {
		s.far.Store(farUnknown)
	}
}

func (s *server) unwatchEnd() {
	if s.far.Load() == farUnknown {
		return
	}
	defer s.far.Store(farUnknown)
	if s.c.raw.Control(s.end.End) != nil {
		s.end.Forget()
	}
	s.c.endRead()
}

// HungUp is called when the peer has closed its sending direction, which the
// poller does not tell again if it has come together with what was read last.
func (s *server) HungUp() {
	s.far.Store(farEnded)
	s.c.watchOf(&s.c.rwatch).interrupt()
}

// share lets others run, if this connection has had its share.
func (s *server) share(n int) {
	if s.turns += int32(n); s.turns >= fairShare {
		s.turns = 0
		runtime.Gosched()
	}
}

// handle calls the handler for all that has been received. It returns
// ws.ErrShort when more has to be received.
func (s *server) handle() error {
	c := s.c
	c.hold.Store(holdMost)
	defer func() { c.hold.Store(c.settings.hold) }()
	for {
		if c.closing.Load() {
			return c.dropReceived(s.ctx)
		}
		c.applyLimit()
		typ, p, kept := c.takeKept()
		if !kept {
			var err error
			if typ, p, err = c.nextMessage(s.ctx); err != nil {
				return err
			}
		}
		if c.cause.Load() == nil || kept && !c.closing.Load() {
			if in := &c.rx.in; in.r == in.w {
				c.hold.Store(holdLess)
			}
			if err := s.handler(s.ctx, typ, p); err != nil {
				return &handlerError{err}
			}
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
}

// handlerError tells an error of the handler from all others.
type handlerError struct{ error }

// flushTo is flushHeld where the descriptor is at hand.
func (s *server) flushTo(fd uintptr) {
	c := s.c
	if !c.lockToFlush() {
		return
	}
	if c.pending() > 0 && c.cause.Load() == nil {
		n, errno := c.writeTo(fd, nil)
		var err error
		if errno != 0 {
			err = os.NewSyscallError("write", errno)
		}
		if !c.wrote(n, err) {
			c.flushPending(s.ctx)
		}
	}
	c.unlockWriting()
}

// failed ends the connection for an error of the handler.
func (s *server) failed(err error) error {
	c := s.c
	if ended := s.ctx.Err(); ended != nil && errors.Is(err, ended) {
		return ended // it has not failed, it was told to stop
	}
	code := wsproto.CloseCode(err)
	if code == ws.StatusAbnormalClosure || errors.Is(err, io.EOF) {
		code = ws.StatusInternalServerError // of some other connection
	}
	cause := &ConnError{By: EndedByUs, Code: StatusCode(code), Reason: wsproto.CloseReason(err), Err: err}
	limit, cancel := context.WithTimeout(s.ctx, closeTimeout)
	defer cancel()
	sent := true // by the handler, if it has closed the connection before it failed
	switch unsent := c.unsent(); {
	case unsent != nil && errors.Is(err, unsent):
		cause = unsent // the transport has failed, and what the peer has sent may say why
	case c.cause.CompareAndSwap(nil, cause):
		c.closing.Store(true)
		sent = c.sendClose(limit, cause) == nil
	}
	if sent {
		if err := c.drop(limit); err != limit.Err() {
			c.conclude(limit, err)
		}
	}
	c.finish(cause)
	return c.err()
}

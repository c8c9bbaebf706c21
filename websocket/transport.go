package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/ws"
)

// transport is what carries the bytes of a connection: a net.Conn, and its
// descriptor if it lends that. Only this file and those named after it know
// descriptors, the callbacks they are lent in, and how the kernel copies.
//
// One goroutine reads at a time, and one writes: the locks of input and output
// see to that. Any may call close and the methods of the deadlines.
type transport struct {
	conn     net.Conn
	raw      syscall.RawConn           // nil: conn does not lend its descriptor
	callback func(fd uintptr) bool     // t.ready, made once
	reader   receiver                  // that callback works for
	bounds   atomic.Pointer[deadlines] // nil until one was needed
	gate     closeGate
	waits    bool // the next callback comes after a wait; beside gate it takes no memory
}

// deadlines are those of the two directions. That of reading is the first to be
// needed, nearly always; the other one is nil until it was.
type deadlines struct {
	read  ioDeadline
	write atomic.Pointer[ioDeadline]
}

// receiver is what a transport reads for. Its methods are called in the callback
// of a RawConn, and so must not close the connection but by transport.close.
type receiver interface {
	// room returns memory to read into.
	room() []byte
	// received takes n bytes that were read into it; full says that they are as
	// many as it had room for. No bytes come with an error.
	received(d descriptor, n int, full bool, err error) then
	// park is called before the transport waits. It returns false if it is not to.
	park(d descriptor) bool
}

// then is what a receiver wants after it was given something.
type then uint8

const (
	leave  then = iota // the callback: it has what it wants
	readOn             // to try to read again
	await              // to wait: there is nothing left, most likely
)

// descriptor is that of a transport, while it is lent.
type descriptor struct {
	fd   uintptr
	lent bool
}

func (t *transport) init(conn net.Conn) {
	t.conn = conn
	if !rawio.Supported {
		return
	}
	// A type of somebody else's may do more than these in its methods.
	switch conn := conn.(type) {
	case *net.TCPConn:
		t.raw, _ = conn.SyscallConn()
	case *net.UnixConn:
		t.raw, _ = conn.SyscallConn()
	}
	if t.raw != nil {
		t.callback = t.ready
	}
}

// receive reads for r until that has what it wants. The error is that of a wait
// which was ended.
func (t *transport) receive(r receiver) error {
	t.reader = r
	err := t.raw.Read(t.callback)
	t.reader = nil
	t.gate.settle(t.conn)
	return err
}

// ready is called when there may be something to read, and before the first
// wait. It reports whether receive is to return.
func (t *transport) ready(fd uintptr) (done bool) {
	if !t.gate.enter() {
		return true
	}
	r, d := t.reader, descriptor{fd, true}
	woken := t.waits
	t.waits = false
	for !t.gate.over() {
		room := r.room()
		n, errno := rawio.Read(fd, room, woken)
		woken = false
		if rawio.Again(errno) {
			break
		}
		var err error
		switch {
		case errno != 0:
			err = os.NewSyscallError("read", errno)
		case n == 0:
			err = io.EOF
		}
		if next := r.received(d, n, n == len(room), err); next == await {
			break
		} else if next == leave {
			t.gate.leave()
			return true
		}
	}
	wait := r.park(d)
	t.waits = t.gate.leave() && wait
	return !t.waits
}

// read reads into p from a transport that lends no descriptor. No bytes come with
// an error.
func (t *transport) read(p []byte) (n int, err error) {
	for range checkedio.MaxEmptyReads {
		n, err = t.conn.Read(p)
		switch {
		case uint(n) > uint(len(p)):
			return 0, checkedio.Wrong("Read", t.conn, n, len(p), err)
		case n > 0:
			return n, nil // an error comes again
		case err != nil:
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// boundReads bounds what is read until endReads by ctx, and by timeout if that is
// positive.
func (t *transport) boundReads(ctx context.Context, timeout time.Duration) error {
	if ctx.Done() == nil && timeout <= 0 {
		return nil
	}
	return t.readDeadline().begin(ctx, timeout)
}

// endReads reports whether the context has ended what was waiting.
func (t *transport) endReads() (cut bool) {
	b := t.bounds.Load()
	return b != nil && b.read.end()
}

// boundWrites bounds what is written until endWrites, as boundReads does.
func (t *transport) boundWrites(ctx context.Context, limits timeouts) error {
	if ctx.Done() == nil && limits == (timeouts{}) {
		return nil
	}
	return t.writeDeadline().begin(ctx, limits.whole)
}

func (t *transport) endWrites() (cut bool) {
	b := t.bounds.Load()
	return b != nil && b.write.Load() != nil && b.write.Load().end()
}

// readDeadline returns the deadline of reads, which is made when it is needed
// first.
func (t *transport) readDeadline() *ioDeadline {
	return &t.deadlines().read
}

func (t *transport) writeDeadline() *ioDeadline {
	b := t.deadlines()
	if b.write.Load() == nil {
		d := new(ioDeadline)
		d.init(t, true)
		b.write.CompareAndSwap(nil, d)
	}
	return b.write.Load()
}

func (t *transport) deadlines() *deadlines {
	if t.bounds.Load() == nil {
		b := new(deadlines)
		b.read.init(t, false)
		t.bounds.CompareAndSwap(nil, b)
	}
	return t.bounds.Load()
}

// close closes the transport, and reports whether that is the first call.
func (t *transport) close() (first bool) {
	if !t.gate.close(t.conn) {
		return false
	}
	if b := t.bounds.Load(); b != nil {
		b.read.forget()
		if d := b.write.Load(); d != nil {
			d.forget()
		}
	}
	return true
}

// sameError reports whether an error is that of a context. A transport may be given the same
// context, or know it.
func sameError(err, ended error) bool {
	a, b := reflect.ValueOf(err), reflect.ValueOf(ended)
	return a.IsValid() && b.IsValid() && a.Comparable() && b.Comparable() && err == ended
}

// timedOut reports whether err is that of a deadline that has cut an operation
// short. There are transports that have one of their own, and those that know no
// deadlines are closed instead.
func timedOut(err error) bool {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// limited is a net.Conn that cannot carry all that a connection can be asked to send:
// one over a socket that does the protocol itself.
type limited interface {
	CheckPing() error
	CheckClose(code ws.StatusCode) error
}

// checkPing returns why pings cannot be sent.
func (t *transport) checkPing() error {
	if l, ok := t.conn.(limited); ok {
		return l.CheckPing()
	}
	return nil
}

// checkClose returns why the peer will not be sent a close code that is correct.
func (t *transport) checkClose(code ws.StatusCode) error {
	if l, ok := t.conn.(limited); ok {
		return l.CheckClose(code)
	}
	return nil
}

// limitUnsent has the kernel take no more than n bytes that it has not sent, if it
// can do that; a negative n leaves it as it is.
func (t *transport) limitUnsent(n int) {
	conn := t.conn
	if body, ok := conn.(*bodyConn); ok { // of a client
		conn = body.below
	}
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = inner.NetConn()
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok || n < 0 {
		return
	}
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { rawio.SetNotSentLowat(fd, n) })
	}
}

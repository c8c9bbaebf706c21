package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// faultyConn passes so many bytes in each direction, and then fails in its way.
type faultyConn struct {
	net.Conn
	in, out atomic.Int64
	fault   func(c *faultyConn, write bool) error
	short   bool     // every call takes one byte
	dead    net.Conn // a peer that does nothing
}

func (c *faultyConn) pass(left *atomic.Int64, p []byte, io func([]byte) (int, error)) (int, error) {
	if c.short && len(p) > 1 {
		p = p[:1]
	}
	n := left.Load()
	if n <= 0 {
		return 0, c.fault(c, left == &c.out)
	}
	n, short := min(n, int64(len(p))), n < int64(len(p))
	k, err := io(p[:n])
	left.Add(int64(-k))
	if err == nil && short && k == int(n) && left == &c.out {
		return k, c.fault(c, left == &c.out)
	}
	return k, err
}

func (c *faultyConn) Read(p []byte) (int, error) { return c.pass(&c.in, p, c.Conn.Read) }

// Write writes all of p, as net.Conn demands, in short steps if it must.
func (c *faultyConn) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = c.pass(&c.out, p[n:], c.Conn.Write)
		n += k
	}
	return n, err
}

func (c *faultyConn) Close() error { return errors.Join(c.Conn.Close(), c.dead.Close()) }

func (c *faultyConn) SetReadDeadline(t time.Time) error {
	return errors.Join(c.Conn.SetReadDeadline(t), c.dead.SetReadDeadline(t))
}

func (c *faultyConn) SetWriteDeadline(t time.Time) error {
	return errors.Join(c.Conn.SetWriteDeadline(t), c.dead.SetWriteDeadline(t))
}

var errReset = errors.New("connection reset by peer")

// The ways in which a transport fails.
var faults = map[string]func(c *faultyConn, write bool) error{
	"reset": func(*faultyConn, bool) error { return &net.OpError{Op: "read", Err: errReset} },
	"end":   func(*faultyConn, bool) error { return io.EOF },
	"stall": func(c *faultyConn, write bool) (err error) { // a half-open peer
		if write {
			_, err = c.dead.Write([]byte{0})
		} else {
			_, err = c.dead.Read([]byte{0})
		}
		return err
	},
}

// session is what a server does with a connection: all kinds of calls.
func session(c *websocket.Conn, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for range 2 {
		typ, p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return err
		}
	}
	c.CloseRead(context.Background())
	if err := c.Ping(ctx); err != nil {
		return err
	}
	return c.CloseContext(ctx, websocket.StatusNormalClosure, "bye")
}

// Whatever happens to the transport, and at whichever byte: nothing hangs, no
// goroutine is left, and the error is one that says so.
func TestFaultsAtEveryByteOfASession(t *testing.T) {
	synctest.Test(t, faultsAtEveryByteOfASession) // which ends if no goroutine is left
}

func faultsAtEveryByteOfASession(t *testing.T) {
	request := masked(ws.OpText, true, "Hello")
	request = append(append(request, masked(ws.OpBinary, false, "a")...), masked(ws.OpContinuation, true, "b")...)
	run := func(name string, in, out int64, fault func(*faultyConn, bool) error, short bool) error {
		client, server := net.Pipe()
		dead, _ := net.Pipe()
		f := &faultyConn{Conn: server, fault: fault, short: short, dead: dead}
		f.in.Store(1 << 20)
		f.out.Store(1 << 20)
		c := accept(t, client, f, nil)
		f.in.Store(in)
		f.out.Store(out)
		p := peerOf(t, client)
		go func() {
			for range 1000 {
				if _, err := p.next(); err != nil {
					break
				}
			}
			client.Close()
		}()
		go client.Write(request)
		served := make(chan error, 1)
		limit := 20 * time.Second
		if name == "stall" {
			limit = 30 * time.Millisecond
		}
		go func() { served <- session(c, limit) }()
		var err error
		select {
		case err = <-served:
		case <-time.After(30 * time.Second):
			t.Fatalf("in %d, out %d: hangs", in, out)
		}
		c.CloseNow()
		client.Close()
		return err
	}
	const inbound, outbound = 40, 21
	if err := run("none", 1<<20, 1<<20, nil, true); err != nil {
		t.Fatal("without a fault, byte by byte:", err)
	}
	for name, fault := range faults {
		for cut := range int64(inbound) {
			for _, short := range []bool{false, true} {
				err := run(name, cut, 1<<20, fault, short)
				checkFault(t, name, "received", cut, err)
				if cut < outbound {
					err = run(name, 1<<20, cut, fault, short)
					checkFault(t, name, "sent", cut, err)
				}
			}
		}
	}
}

func checkFault(t *testing.T, name, direction string, cut int64, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s after %d bytes %s: no error", name, cut, direction)
		return
	}
	if name == "stall" {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stall after %d bytes %s: %v", cut, direction, err)
		}
		return
	}
	if !errors.Is(err, websocket.EndedByTransport) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errReset) {
		t.Errorf("%s after %d bytes %s: %v", name, cut, direction, err)
	}
}

// What the peer does wrong is answered with the right code, and told apart.
func TestWhatThePeerDoesWrong(t *testing.T) {
	for _, tc := range []struct {
		name string
		wire []byte
		by   websocket.EndedBy
		code websocket.StatusCode
		is   error
	}{
		{"an unmasked frame", []byte("\x81\x01x"), websocket.EndedByViolation, 1002, ws.ErrProtocolMaskRequired},
		{"a reserved opcode", []byte("\x83\x80\x00\x00\x00\x00"), websocket.EndedByViolation, 1002, ws.ErrProtocolOpCodeReserved},
		{"RSV bits", []byte("\xc1\x80\x00\x00\x00\x00"), websocket.EndedByViolation, 1002, ws.ErrProtocolNonZeroRsv},
		{"no UTF-8", masked(ws.OpText, true, "\xff"), websocket.EndedByViolation, 1007, ws.ErrProtocolInvalidUTF8},
		{"a message that is announced too long", []byte("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"), websocket.EndedByUs, 1009, websocket.ErrMessageTooBig},
		{"a message that is one byte too long", masked(ws.OpBinary, true, string(make([]byte, 32769))), websocket.EndedByUs, 1009, websocket.ErrMessageTooBig},
		{"fragments that are too long together", append(masked(ws.OpBinary, false, string(make([]byte, 32768))), masked(ws.OpContinuation, true, "x")...), websocket.EndedByUs, 1009, websocket.ErrMessageTooBig},
	} {
		c, client := handshake(t, nil)
		client.Write(tc.wire)
		p := peerOf(t, client)
		code := make(chan websocket.StatusCode, 1)
		go func() { code <- p.untilClose() }()
		_, _, err := c.Read(within(t))
		var end *websocket.ConnError
		if !errors.As(err, &end) || end.By != tc.by || websocket.StatusCode(end.Code) != tc.code || !errors.Is(err, tc.is) || end.Clean() {
			t.Errorf("%s: %#v", tc.name, err)
		}
		if got := <-code; got != tc.code {
			t.Errorf("%s: the peer gets %v", tc.name, got)
		}
	}
}

// A clean end is told from a cut one, and where it was cut.
func TestACleanEndIsToldFromACutOne(t *testing.T) {
	for _, tc := range []struct {
		name  string
		wire  []byte
		is    error
		clean bool
		code  websocket.StatusCode
	}{
		{"nothing", nil, io.EOF, false, -1},
		{"inside a header", []byte("\x81"), io.ErrUnexpectedEOF, false, -1},
		{"between fragments", masked(ws.OpText, false, "x"), io.ErrUnexpectedEOF, false, -1},
		{"a close frame", masked(ws.OpClose, true, "\x03\xe8bye"), websocket.EndedByPeer, true, 1000},
		{"a close frame without a code", masked(ws.OpClose, true, ""), websocket.EndedByPeer, true, 1005},
	} {
		c, client := handshake(t, nil)
		client.Write(tc.wire)
		client.(*net.TCPConn).CloseWrite()
		_, _, err := c.Read(within(t))
		var end *websocket.ConnError
		if !errors.As(err, &end) || !errors.Is(err, tc.is) || end.Clean() != tc.clean || websocket.CloseStatus(err) != tc.code {
			t.Errorf("%s: %#v", tc.name, err)
		}
	}
}

// A peer that pings without end and reads nothing does not make us hold pongs
// without end, nor does it stop what else it sends from being read.
func TestAFloodOfPings(t *testing.T) {
	client, server := unixPair(t) // TCP with buffers as small comes to a halt by itself
	server.(*net.UnixConn).SetWriteBuffer(4096)
	c := accept(t, client, server, nil)
	go func() {
		var pings []byte
		for range 1000 {
			pings = append(pings, masked(ws.OpPing, true, string(make([]byte, 125)))...)
		}
		for range 50 {
			client.Write(pings)
		}
		client.Write(masked(ws.OpText, true, "and now?"))
	}()
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "and now?" {
		t.Errorf("%q, %v", p, err)
	}
}

package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

// fromClient is a frame as a client sends it.
func fromClient(op ws.OpCode, fin bool, p string) string {
	return string(ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(p)), [4]byte{9, 8, 7, 6})))
}

// serverOver returns a server's connection over a transport. s may be nil.
func serverOver(t testing.TB, conn net.Conn, s *settings) *Conn {
	t.Helper()
	if s == nil {
		s = &settings{}
	}
	c := newConn(conn, ws.StateServerSide, "", nil, s)
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// halfClose ends the sending direction of a socket.
func halfClose(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

// However the peer's end and its last bytes come, together or one after the other,
// Serve sees all bytes, and the end after them.
func TestServeSeesThePeersEndAfterItsLastBytes(t *testing.T) {
	message := func(p string) string { return fromClient(ws.OpText, true, p) }
	for _, tc := range []struct {
		name string
		// The peer sends these and ends before Serve is called, while the first
		// message is being handled, and when Serve waits again.
		before, during, waiting string
		end                     string // when the peer ends
		want                    string
	}{
		{"before, and nothing was sent", "", "", "", "before", ""},
		{"before, with messages", message("a") + message("b"), "", "", "before", "ab"},
		{"together with a message", message("a"), message("b"), "", "during", "ab"},
		{"together with many", message("a"), strings.Repeat(message("b"), 20), "", "during", "a" + strings.Repeat("b", 20)},
		{"alone, while a message is handled", message("a"), "", "", "during", "a"},
		{"together with half a message", message("a"), message("b") + message("c")[:3], "", "during", "ab"},
		{"while Serve waits", message("a"), "", "", "waiting", "a"},
		{"while Serve waits, with messages", message("a"), "", message("b") + message("c"), "waiting", "abc"},
		{"while Serve waits for the rest of a message", message("a"), "", message("b")[:3], "waiting", "a"},
		// More than one Read can take.
		{"together with a lot", message("a"), strings.Repeat(message(strings.Repeat("b", 1000)), 30), "", "during", "a" + strings.Repeat("b", 30000)},
	} {
		for _, network := range networks {
			for _, s := range []*settings{{}, {readTimeout: time.Hour}} {
				near, far := socketPair(t, network)
				c := serverOver(t, near, s)
				ends := func(when string) {
					if tc.end == when {
						halfClose(t, far)
					}
				}
				io.WriteString(far, tc.before)
				ends("before")
				got, step := "", make(chan bool)
				err := error(nil)
				done := make(chan bool)
				go func() {
					defer close(done)
					err = c.Serve(context.Background(), func(_ context.Context, _ MessageType, p []byte) error {
						if got += string(p); len(got) == 1 {
							step <- true
							<-step
						}
						return nil
					})
				}()
				if tc.before != "" {
					<-step // it handles the first message
					io.WriteString(far, tc.during)
					ends("during")
					step <- true
				}
				if tc.end == "waiting" {
					io.WriteString(far, tc.waiting)
					ends("waiting")
				}
				<-done
				if got != tc.want {
					t.Errorf("%s, %s: %d bytes were handled, want %d", network, tc.name, len(got), len(tc.want))
				}
				if !errors.Is(err, EndedByTransport) {
					t.Errorf("%s, %s: %v", network, tc.name, err)
				}
			}
		}
	}
}

// A peer that resets the connection has ended too.
func TestServeSeesThatThePeerHasReset(t *testing.T) {
	near, far := socketPair(t, "tcp")
	c := serverOver(t, near, nil)
	handled, done := make(chan bool), make(chan error)
	go func() {
		done <- c.Serve(context.Background(), func(context.Context, MessageType, []byte) error {
			handled <- true
			<-handled
			return nil
		})
	}()
	io.WriteString(far, fromClient(ws.OpText, true, "a"))
	<-handled
	far.(*net.TCPConn).SetLinger(0)
	far.Close()
	handled <- true
	if err := <-done; !errors.Is(err, EndedByTransport) {
		t.Error(err)
	}
}

// A peer that does not end is waited for, by one call of Serve after the other.
func TestServeWithoutAnEnd(t *testing.T) {
	for _, network := range networks {
		near, far := socketPair(t, network)
		c := serverOver(t, near, nil)
		for i := range 5 {
			ctx, cancel := context.WithCancel(context.Background())
			n := 0
			go io.WriteString(far, fromClient(ws.OpText, true, "a"))
			err := c.Serve(ctx, func(context.Context, MessageType, []byte) error {
				n++
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) || n != 1 {
				t.Errorf("%s, call %d: %d messages, %v", network, i, n, err)
			}
		}
		// The end comes between two calls, and the next one is a Read.
		io.WriteString(far, fromClient(ws.OpText, true, "b"))
		halfClose(t, far)
		if _, p, err := c.Read(context.Background()); string(p) != "b" || err != nil {
			t.Errorf("%s: %q, %v", network, p, err)
		}
		if _, _, err := c.Read(context.Background()); !errors.Is(err, EndedByTransport) {
			t.Errorf("%s: %v", network, err)
		}
	}
}

// The end comes at any moment of a Serve whose context ends: neither is lost.
func TestAnEndWhileServeIsCancelled(t *testing.T) {
	for range 50 {
		for _, network := range networks {
			near, far := socketPair(t, network)
			c := serverOver(t, near, nil)
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				io.WriteString(far, fromClient(ws.OpText, true, "a"))
				halfClose(t, far)
			}()
			go cancel()
			got := ""
			handler := func(_ context.Context, _ MessageType, p []byte) error {
				got += string(p)
				return nil
			}
			err := c.Serve(ctx, handler)
			if errors.Is(err, context.Canceled) {
				err = c.Serve(context.Background(), handler)
			}
			if got != "a" || !errors.Is(err, EndedByTransport) {
				t.Fatalf("%s: %q, %v", network, got, err)
			}
			near.Close()
			far.Close()
		}
	}
}

// told is a listener that passes on that it was told.
type told struct {
	e *peerEnd
	t *transport
	c chan bool
}

func (l told) HungUp() {
	l.e.hungUp(l.t)
	l.c <- true
}

func TestAPeerEndInterruptsOneWait(t *testing.T) {
	for _, network := range networks {
		for _, when := range []string{"while it waits", "before it waits"} {
			tr, far := overSocket(t, network)
			var e peerEnd
			l := told{&e, tr, make(chan bool, 1)}
			e.begin(tr, l)
			if !e.watched() {
				t.Skip("this system does not tell the end")
			}
			ctx, cancel := context.WithCancel(context.Background())
			if e.interrupted(ctx) {
				t.Errorf("%s, %s: interrupted before the end", network, when)
			}
			end := func() {
				far.Close()
				<-l.c
			}
			if when == "before it waits" {
				end()
			}
			tr.boundReads(ctx, time.Hour)
			c := &collector{memory: make([]byte, 8)}
			c.onReceived = func(descriptor) then { return leave }
			c.onPark = func(descriptor) bool { end(); return true }
			err := tr.receive(c)
			cut := tr.endReads()
			if c.err != io.EOF && (!timedOut(err) || !cut) {
				t.Errorf("%s, %s: %v, %v, cut %v", network, when, err, c.err, cut)
			}
			if e.watched() {
				t.Errorf("%s, %s: it still watches", network, when)
			}
			if !e.interrupted(ctx) || e.interrupted(ctx) {
				t.Errorf("%s, %s: it was not interrupted once", network, when)
			}
			if c.onPark, c.err = nil, nil; tr.receive(c) != nil || c.err != io.EOF {
				t.Errorf("%s, %s: then %v", network, when, c.err)
			}
			cancel()
			e.end(tr)
		}
	}
}

// A wait that its context has ended was not interrupted, even if the peer has
// ended too.
func TestAContextCountsForMoreThanAPeerEnd(t *testing.T) {
	for _, network := range networks {
		tr, far := overSocket(t, network)
		var e peerEnd
		l := told{&e, tr, make(chan bool, 1)}
		e.begin(tr, l)
		if !e.watched() {
			t.Skip("this system does not tell the end")
		}
		far.Close()
		<-l.c
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if e.interrupted(ctx) {
			t.Errorf("%s: interrupted by the peer", network)
		}
		e.end(tr)
		if tr.endReads() {
			t.Errorf("%s: the interrupt outlives the watch", network)
		}
		c := &collector{memory: make([]byte, 8)}
		if err := tr.receive(c); err != nil || c.err != io.EOF {
			t.Errorf("%s: %v, %v", network, err, c.err)
		}
	}
}

// A watch ends with the transport, and can be begun again.
func TestPeerEndsBeginAndEnd(t *testing.T) {
	pipe, other := net.Pipe()
	defer other.Close()
	plain := new(transport)
	plain.init(pipe)
	var e peerEnd
	if e.begin(plain, nil); e.watched() {
		t.Error("a net.Conn without descriptor is watched")
	}
	e.end(plain)
	for _, network := range networks {
		tr, far := overSocket(t, network)
		l := told{&e, tr, make(chan bool, 1)}
		e.begin(tr, l)
		if e.end(tr); e.watched() {
			t.Errorf("%s: it is still watched", network)
		}
		e.end(tr)
		e.begin(tr, l)
		watched := e.watched()
		tr.close()
		e.end(tr)
		e.begin(tr, l)
		if e.watched() {
			t.Errorf("%s: it is watched after it was closed", network)
		}
		e.end(tr)
		far.Close()
		if watched && len(l.c) > 0 {
			t.Errorf("%s: the listener was told after the end of the watch", network)
		}
	}
}

// While Serve runs, Close leaves the rest to it: also if the end of the peer is told
// before all that the peer has sent was read.
func TestServeReadsTheAnswerToACloseUpToTheEnd(t *testing.T) {
	for _, network := range networks {
		near, far := socketPair(t, network)
		c := serverOver(t, near, nil)
		if err := c.lockInput(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.in.serving.Store(serving)
		s := &serveCall{c: c, ctx: t.Context(), handler: func(context.Context, MessageType, []byte) error { return nil }}
		s.end.tried = true
		l := told{&s.end, &c.transport, make(chan bool, 1)}
		s.end.begin(&c.transport, l)
		if !s.end.watched() {
			t.Skip("this system does not tell the end")
		}
		if err := c.Close(4001, ""); err != nil {
			t.Error(err)
		}
		io.WriteString(far, fromClient(ws.OpText, true, "dropped")+fromClient(ws.OpClose, true, "\x0f\xa1"))
		halfClose(t, far)
		<-l.c
		var end *ConnError
		if err := s.run(); !errors.As(err, &end) || end.By != EndedByUs || !end.Clean() {
			t.Errorf("%s: %v", network, err)
		}
		c.unlockInput()
	}
}

// codedEnd is what a transport returns that is a connection of a protocol itself.
type codedEnd struct{ net.Conn }

func (codedEnd) Read([]byte) (int, error) {
	return 0, fmt.Errorf("tunnel: %w", ws.ErrProtocolMaskRequired)
}

// An error of a transport is one, although it has a close code: that of the tunnel
// which the transport is, and not of this connection.
func TestATransportsErrorMayHaveACloseCode(t *testing.T) {
	for name, read := range map[string]func(c *Conn) error{
		"Read": func(c *Conn) error { _, _, err := c.Read(context.Background()); return err },
		"Serve": func(c *Conn) error {
			return c.Serve(context.Background(), func(context.Context, MessageType, []byte) error { return nil })
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			go io.Copy(io.Discard, far)
			err := read(serverOver(t, codedEnd{near}, nil))
			if end, ok := errors.AsType[*ConnError](err); !ok || end.By != EndedByTransport || end.Code != ws.StatusAbnormalClosure {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

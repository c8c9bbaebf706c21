package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestAnOpenConnectionHasNoCause(t *testing.T) {
	var e ending
	if err := e.err(); err != nil { // a *ConnError that is nil would be one
		t.Error(err)
	}
	if e.happen(endpoint.WriteFails, ConnError{Err: io.ErrClosedPipe}); e.err() != nil {
		t.Error("after a failed write:", e.err())
	}
	select {
	case <-e.done():
		t.Error("it is done")
	default:
	}
}

func TestCausesSayWhatUsersLookFor(t *testing.T) {
	frame := &wsproto.CloseFrame{Code: ws.StatusGoingAway, Reason: "bye"}
	type happening struct {
		what  endpoint.Happening
		cause ConnError
	}
	byPeer := happening{endpoint.ReadEnds, ConnError{By: EndedByPeer, Code: frame.Code, Received: frame}}
	byUs := happening{endpoint.WeClose, ConnError{By: EndedByUs, Code: ws.StatusNormalClosure}}
	eof := happening{endpoint.ReadEnds, ConnError{By: EndedByTransport, Err: io.EOF}}
	unsent := happening{endpoint.WriteFails, ConnError{By: EndedByTransport, Err: io.ErrClosedPipe}}
	closed := happening{endpoint.TransportClosed, ConnError{By: EndedByUs}}
	for _, tc := range []struct {
		name       string
		happenings []happening
		by         EndedBy
		status     StatusCode
		is         []error
		not        []error
	}{
		{"the peer closes", []happening{byPeer}, EndedByPeer, StatusGoingAway, nil, []error{EndedByUs}},
		{"the peer closes, then the transport", []happening{byPeer, closed}, EndedByPeer, StatusGoingAway, nil, []error{EndedByUs}},
		{"we close", []happening{byUs}, EndedByUs, -1, nil, nil},
		{"we close, and the peer answers", []happening{byUs, byPeer, closed}, EndedByUs, StatusGoingAway, nil, []error{EndedByPeer}},
		{"we close, and the peer goes", []happening{byUs, eof, closed}, EndedByUs, -1, []error{io.EOF}, []error{EndedByTransport}},
		{"we close without a handshake", []happening{closed, byPeer}, EndedByUs, -1, nil, []error{EndedByPeer}},
		{"the transport ends", []happening{eof, closed, byUs}, EndedByTransport, -1, []error{io.EOF}, nil},
		{"a write fails, and the peer has said why", []happening{unsent, byPeer, closed}, EndedByPeer, StatusGoingAway, []error{io.ErrClosedPipe}, nil},
		{"a write fails, and we close", []happening{unsent, byUs, closed}, EndedByUs, -1, []error{io.ErrClosedPipe}, nil},
	} {
		var e ending
		begun := 0
		for _, h := range tc.happenings {
			if e.happen(h.what, h.cause) {
				begun++
			}
		}
		if begun != 1 {
			t.Errorf("%s: %d causes", tc.name, begun)
		}
		err := e.err()
		var end *ConnError
		if !errors.As(err, &end) || end.By != tc.by {
			t.Errorf("%s: %v", tc.name, err)
		}
		if got := CloseStatus(err); got != tc.status {
			t.Errorf("%s: CloseStatus returns %v, want %v", tc.name, got, tc.status)
		}
		if received, ok := errors.AsType[CloseError](err); ok != (tc.status != -1) || ok && received != (CloseError{StatusGoingAway, "bye"}) {
			t.Errorf("%s: %v", tc.name, received)
		}
		for _, want := range append(tc.is, net.ErrClosed, tc.by) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v is not found in %v", tc.name, want, err)
			}
		}
		for _, not := range tc.not {
			if errors.Is(err, not) {
				t.Errorf("%s: %v is found in %v", tc.name, not, err)
			}
		}
	}
}

// From the end on, everybody gets the same value, whatever happens later.
func TestACauseDoesNotChangeAfterTheEnd(t *testing.T) {
	frame := &wsproto.CloseFrame{Code: ws.StatusGoingAway}
	for first := range endpoint.Happening(4) {
		var e ending
		e.happen(first, ConnError{By: EndedByUs})
		e.happen(endpoint.TransportClosed, ConnError{By: EndedByTransport})
		want := e.err()
		for later := range endpoint.Happening(4) {
			if e.happen(later, ConnError{By: EndedByPeer, Received: frame, Err: io.EOF}) {
				t.Errorf("%d is the cause after the end", later)
			}
			if got := e.err(); got != want {
				t.Errorf("after %d: %v, want %v", later, got, want)
			}
		}
	}
}

func TestAllCallsReturnTheSameCause(t *testing.T) {
	for name, end := range map[string]func(c *Conn, far net.Conn){
		"CloseNow":          func(c *Conn, far net.Conn) { c.CloseNow() },
		"Close":             func(c *Conn, far net.Conn) { c.Close(StatusNormalClosure, "") },
		"the peer closes":   func(c *Conn, far net.Conn) { io.WriteString(far, fromClient(ws.OpClose, true, "\x03\xe8")) },
		"the peer is gone":  func(c *Conn, far net.Conn) { far.Close() },
		"the peer violates": func(c *Conn, far net.Conn) { io.WriteString(far, "\x81\x01x") },
	} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, nil)
			ctx := t.Context()
			calls := []func() error{
				func() error { _, _, err := c.Read(ctx); return err },
				func() error { _, _, err := c.Reader(ctx); return err },
				func() error { return c.Serve(ctx, nil) },
				func() error { return c.Write(ctx, MessageText, nil) },
				func() error { _, err := c.Writer(ctx, MessageText); return err },
				func() error { return c.Ping(ctx) },
			}
			before := make(chan error, 1)
			go func() { before <- calls[0]() }()
			go io.Copy(io.Discard, far)
			synctest.Wait()
			end(c, far)
			err := <-before
			<-c.end.done()
			if name != "Close" && err != c.end.err() { // whoever has waited may know less
				t.Errorf("%s: a Read that has waited returns %v", name, err)
			}
			for i, call := range calls {
				if got := call(); got != c.end.err() {
					t.Errorf("%s: call %d returns %v, want %v", name, i, got, c.end.err())
				}
			}
			c.CloseNow() // is the first call of us, or not
			for _, again := range []func() error{c.CloseNow, func() error { return c.Close(StatusNormalClosure, "") }} {
				if got := again(); !errors.Is(got, net.ErrClosed) {
					t.Errorf("%s: closing again returns %v", name, got)
				}
			}
			far.Close()
		})
	}
}

// Whoever asks, and when: the channel is closed when it is over, and not before.
func TestDoneBeforeAndAfterTheEnd(t *testing.T) {
	isClosed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for _, before := range []int{0, 1, 2} {
		var e ending
		var channels []<-chan struct{}
		for range before {
			channels = append(channels, e.done())
		}
		for _, c := range channels {
			if isClosed(c) {
				t.Error("it is closed before the end")
			}
			if c != channels[0] {
				t.Error("two callers have two channels")
			}
		}
		e.close()
		for _, c := range append(channels, e.done(), e.done()) {
			if !isClosed(c) {
				t.Errorf("asked %d times before the end: it is open after it", before)
			}
		}
	}
	for range 1000 { // at the same time
		var e ending
		var wg sync.WaitGroup
		start := make(chan bool)
		for range 3 {
			wg.Go(func() {
				<-start
				<-e.done() // or the test hangs
			})
		}
		wg.Go(func() {
			<-start
			e.close()
		})
		close(start)
		wg.Wait()
	}
}

// The end ends all that waits, whoever waits for what.
func TestTheEndWakesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		ctx := context.Background()
		results := make(chan error, 10)
		for _, call := range []func() error{
			func() error { return c.Write(ctx, MessageText, []byte("a")) },
			func() error { return c.Write(ctx, MessageText, []byte("b")) },
			func() error { return c.Ping(ctx) },
			func() error { _, _, err := c.Read(ctx); return err },
			func() error { _, _, err := c.Read(ctx); return err },
		} {
			go func() { results <- call() }()
			synctest.Wait()
		}
		if len(results) > 0 {
			t.Fatal("somebody does not wait: ", <-results)
		}
		c.CloseNow()
		for range 5 {
			if err := <-results; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		far.Close()
	})
}

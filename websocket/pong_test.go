package websocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// sides are both kinds of transports: with a descriptor and without.
func sides(t *testing.T) map[string]*Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	t.Cleanup(func() {
		for _, c := range []net.Conn{client, server, near, far} {
			c.Close()
		}
	})
	return map[string]*Conn{
		"tcp":  newConn(server, ws.StateServerSide, "", nil, &settings{}),
		"pipe": newConn(near, ws.StateServerSide, "", nil, &settings{}),
		"held": newConn(near, ws.StateServerSide, "", nil, &settings{hold: endpoint.HoldReplies}),
	}
}

// RFC 6455, 5.5.3: if pings come before the pong of an earlier one could be sent,
// the most recent one is enough to answer. A few are answered all the same.
func TestPongsThatHaveToWait(t *testing.T) {
	for _, pings := range []int{1, 2, 10, 16, 17, 33, 1000} {
		for name, c := range sides(t) {
			c.out.lock.lock(nil, nil)
			for i := range pings {
				c.answerPing(pingEvent(fmt.Appendf(nil, "ping %d", i+1)))
			}
			c.out.pay()
			got := bytes.Clone(c.out.box.Pending())
			first := 1 + (pings-1)/maxOwed*maxOwed
			var want []byte
			for i := first; i <= pings; i++ {
				want = ws.AppendFrame(want, ws.NewPongFrame(fmt.Appendf(nil, "ping %d", i)))
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %d pings while somebody writes: %q, want %q", name, pings, got, want)
			}
			c.finish(ConnError{By: EndedByUs})
			c.unlockOutput()
		}
	}
}

// Whatever there is to be written: one goroutine does it.
func TestOneGoroutineWritesWhatWaits(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := newConn(near, ws.StateServerSide, "", nil, &settings{})
	before := runtime.NumGoroutine()
	for i := range 1000 {
		c.answerPing(pingEvent([]byte("?")))
		if i%10 == 0 {
			c.flushHeld(sending{})
		}
		if i%100 == 0 {
			runtime.Gosched()
		}
		if n := runtime.NumGoroutine(); n > before+2 { // and a timer
			t.Fatalf("%d goroutines after %d pings, there were %d", n, i+1, before)
		}
	}
	go c.Write(context.Background(), MessageText, []byte("x")) // after all of them
	b := make([]byte, 3)
	for b[0] != 0x81 {
		if _, err := io.ReadFull(far, b); err != nil {
			t.Fatal(err)
		}
	}
	c.CloseNow()
}

// A message is taken back when its context ends before any of it has been sent,
// also if some of a pong before it has.
func TestAWriteThatIsCancelledInThePongBeforeIt(t *testing.T) {
	prepared, err := NewPreparedMessage(MessageText, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(ctx context.Context, c *Conn) error{
		"Write":         func(ctx context.Context, c *Conn) error { return c.Write(ctx, MessageText, []byte("x")) },
		"WritePrepared": func(ctx context.Context, c *Conn) error { return c.WritePrepared(ctx, prepared) },
		"Ping":          func(ctx context.Context, c *Conn) error { return c.Ping(ctx) },
	} {
		near, far := net.Pipe()
		c := newConn(near, ws.StateServerSide, "", nil, &settings{})
		ping := pingEvent([]byte("?"))
		c.out.owe(&ping)
		ctx, cancel := context.WithCancel(context.Background())
		wrote := make(chan error, 1)
		go func() { wrote <- write(ctx, c) }()
		got := make([]byte, 6)
		if _, err := io.ReadFull(far, got[:1]); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-wrote; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		go func() { wrote <- c.Write(context.Background(), MessageText, []byte("y")) }()
		if _, err := io.ReadFull(far, got[1:]); err != nil || string(got) != "\x8a\x01?\x81\x01y" {
			t.Errorf("%s: %q, %v, want the pong and what is written after it", name, got, err)
		}
		c.CloseNow()
		far.Close()
	}
}

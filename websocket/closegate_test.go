package websocket

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// closingConn counts what a closeGate does to it.
type closingConn struct {
	net.Conn
	closes, shuts, deadlines atomic.Int32
}

func (c *closingConn) Close() error {
	c.closes.Add(1)
	return nil
}

func (c *closingConn) CloseWrite() error {
	c.shuts.Add(1)
	return nil
}

func (c *closingConn) SetDeadline(t time.Time) error {
	if time.Until(t) < 0 {
		c.deadlines.Add(1)
	}
	return nil
}

// A step is one of the methods, and what it is to return; "settle" returns
// nothing.
func TestACloseGateClosesOnceAndNotInsideACallback(t *testing.T) {
	for _, tc := range []struct {
		name, steps string
		closes      int32
		ends        int32 // how often I/O is ended instead of closing
	}{
		{"nobody closes", "enter leave settle enter leave settle", 0, 0},
		{"from outside", "close", 1, 0},
		{"twice", "close !close !close", 1, 0},
		{"between callbacks", "enter leave settle close !enter", 1, 0},
		{"enter after close", "close !enter settle !enter", 1, 0},
		{"inside, before settle", "enter close !leave", 0, 1},
		{"inside", "enter close !leave settle", 1, 1},
		{"inside, twice", "enter close !close !leave settle !close", 1, 1},
		{"inside, settled twice", "enter close !leave settle settle", 1, 1},
		{"inside, and none after it", "enter close !leave !enter settle !enter", 1, 1},
		{"after the callback, before settle", "enter leave close settle", 1, 0},
	} {
		var g closeGate
		conn := new(closingConn)
		over := false
		for _, step := range strings.Fields(tc.steps) {
			call, no := strings.CutPrefix(step, "!")
			got := !no
			switch call {
			case "enter":
				got = g.enter()
			case "leave":
				got = g.leave()
			case "close":
				got = g.close(conn)
				over = true
			case "settle":
				g.settle(conn)
			}
			if got == no {
				t.Errorf("%s: %s returns %v", tc.name, call, got)
			}
			if g.over() != over {
				t.Errorf("%s: after %s over is %v", tc.name, step, g.over())
			}
		}
		if n := conn.closes.Load(); n != tc.closes {
			t.Errorf("%s: closed %d times, want %d", tc.name, n, tc.closes)
		}
		if conn.shuts.Load() != tc.ends || conn.deadlines.Load() != tc.ends {
			t.Errorf("%s: I/O was ended %d and %d times, want %d", tc.name, conn.shuts.Load(), conn.deadlines.Load(), tc.ends)
		}
	}
}

func TestACloseGateThatManyCloseAtOnce(t *testing.T) {
	for range 200 {
		var g closeGate
		var firsts atomic.Int32
		conn := new(closingConn)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if g.close(conn) {
					firsts.Add(1)
				}
				if !g.over() {
					t.Error("it goes on after close")
				}
			})
		}
		wg.Go(func() {
			for g.enter() {
				g.leave()
				g.settle(conn)
			}
			g.settle(conn)
		})
		wg.Wait()
		if firsts.Load() != 1 || conn.closes.Load() != 1 {
			t.Fatalf("%d were the first, and it was closed %d times", firsts.Load(), conn.closes.Load())
		}
	}
}

// Close of a net.Conn waits for the callbacks of its RawConn.
func TestClosingInACallbackDoesNotWaitForItself(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		for _, closer := range []string{"the callback", "another goroutine"} {
			near, far := socketPair(t, network)
			raw, err := near.(sysConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			var g closeGate
			err = raw.Read(func(uintptr) bool {
				if !g.enter() {
					t.Fatal("it is closed already")
				}
				first := make(chan bool, 1)
				if closer == "the callback" {
					first <- g.close(near)
				} else {
					go func() { first <- g.close(near) }()
				}
				if !<-first {
					t.Errorf("%s: another one was first", closer)
				}
				if g.leave() {
					t.Errorf("%s: it is not to be closed", closer)
				}
				return true
			})
			if err != nil {
				t.Errorf("%s, %s: %v", network, closer, err)
			}
			if _, err := near.Write([]byte("x")); err == nil || errors.Is(err, net.ErrClosed) {
				t.Errorf("%s, %s: a write between callback and settle: %v", network, closer, err)
			}
			if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s, %s: a read between callback and settle: %v", network, closer, err)
			}
			g.settle(near)
			if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s, %s: a read after settle: %v", network, closer, err)
			}
			if n, err := far.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%s, %s: the peer reads %d bytes, %v", network, closer, n, err)
			}
		}
	}
}

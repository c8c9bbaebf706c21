package wspoll_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// ends collects what OnClose is told.
type ends chan *wspoll.ConnError

func (e ends) onClose(_ *wspoll.Conn, err *wspoll.ConnError) { e <- err }

func TestAConnectionEndsAsItsPeerWants(t *testing.T) {
	for _, tc := range []struct {
		name     string
		send     []byte
		wantCode ws.StatusCode // 0: the end without a close frame
		by       wsproto.EndedBy
		code     ws.StatusCode
		err      error
	}{
		{"a close frame", frame(ws.OpClose, true, "\x0f\xa0bye"), 4000, wsproto.EndedByPeer, 4000, nil},
		{"a close frame without a code", frame(ws.OpClose, true, ""), ws.StatusNoStatusRcvd, wsproto.EndedByPeer, ws.StatusNoStatusRcvd, nil},
		{"an unmasked frame", ws.AppendFrame(nil, ws.NewTextFrame([]byte("x"))), 1002, wsproto.EndedByViolation, 1002, ws.ErrProtocolMaskRequired},
		{"bad UTF-8", text("\xff"), 1007, wsproto.EndedByViolation, 1007, ws.ErrProtocolInvalidUTF8},
		{"too much", ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: 1<<20 + 1}), 1009, wsproto.EndedByUs, 1009, ws.ErrFrameTooLarge},
		{"nothing", nil, 0, wsproto.EndedByTransport, 1006, io.EOF},
		{"half a frame", text("hello")[:8], 0, wsproto.EndedByTransport, 1006, io.ErrUnexpectedEOF},
		{"a panic", text("panic"), 1011, wsproto.EndedByUs, 1011, errPanic},
	} {
		t.Run(tc.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, poller string) {
				e := make(ends, 2)
				reported := make(chan error, 2)
				addr := serve(t, &wspoll.Server{
					OnMessage: func(c *wspoll.Conn, _ ws.OpCode, p []byte) {
						if string(p) == "panic" {
							panic(errPanic)
						}
					},
					OnClose: e.onClose,
					OnError: func(err error) { reported <- err },
				}, poller)
				p := open(t, addr)
				p.send(tc.send)
				if tc.wantCode != 0 {
					p.wantClose(tc.wantCode)
				}
				p.Close()
				err := <-e
				if err.By != tc.by || err.Code != tc.code || !errors.Is(err, net.ErrClosed) || !errors.Is(err, tc.by) {
					t.Errorf("OnClose is told %v (%v, %d), want %v, %d", err, err.By, err.Code, tc.by, tc.code)
				}
				if tc.err != nil && !errors.Is(err, tc.err) {
					t.Errorf("OnClose is told %v, want %v", err, tc.err)
				}
				if tc.err == errPanic {
					if _, ok := errors.AsType[*wspoll.PanicError](<-reported); !ok {
						t.Error("OnError is not told of the panic")
					}
				}
			})
		})
	}
}

var errPanic = errors.New("a handler is broken")

func TestCloseEndsOnceThePeerHasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := make(ends, 2)
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{
			OnOpen:    func(c *wspoll.Conn) { conns <- c },
			OnMessage: func(*wspoll.Conn, ws.OpCode, []byte) { t.Error("a message is handled that nobody wants") },
			OnClose:   e.onClose,
		}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		if err := c.Close(4001, "enough"); err != nil {
			t.Fatal(err)
		}
		if err := c.Write(ws.OpText, nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after Close returns %v", err)
		}
		if err := c.Close(1000, ""); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a second Close returns %v", err)
		}
		p.send(text("late"))
		p.send(frame(ws.OpBinary, false, "\xff")) // no limit and no rule about what is dropped
		synctest.Wait()
		if len(e) != 0 {
			t.Fatal("OnClose is called before the peer has answered")
		}
		p.send(frame(ws.OpClose, true, "\x0f\xa1"))
		p.wantClose(4001)
		got := <-e
		if got.By != wsproto.EndedByUs || got.Code != 4001 || got.Reason != "enough" || got.Received == nil || got.Received.Code != 4001 {
			t.Errorf("OnClose is told %+v", got)
		}
		synctest.Wait()
		if len(e) != 0 {
			t.Error("OnClose is called twice")
		}
		p.Close()
		synctest.Wait()
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

func TestACodeThatCannotBeSentChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		if err := c.Close(1006, ""); !errors.Is(err, ws.ErrProtocolStatusCodeNotInUse) && err == nil {
			t.Errorf("Close(1006) returns %v", err)
		}
		if err := c.Write(ws.OpText, []byte("still here")); err != nil {
			t.Error(err)
		}
		p.want(ws.OpText, "still here")
	})
}

// Each step of an end has its time.
func TestWhoDoesNotAnswerIsNotWaitedForForEver(t *testing.T) {
	type ending struct {
		at  time.Duration
		err *wspoll.ConnError
	}
	for _, tc := range []struct {
		name string
		do   func(c *wspoll.Conn, p peer)
		told time.Duration // OnClose
		end  time.Duration // of the transport
		by   wsproto.EndedBy
	}{
		{"no answer to Close", func(c *wspoll.Conn, p peer) { c.Close(1000, "") }, 5 * time.Second, 5 * time.Second, wsproto.EndedByUs},
		{"the transport stays", func(c *wspoll.Conn, p peer) { p.send(frame(ws.OpClose, true, "")) }, 0, 5 * time.Second, wsproto.EndedByPeer},
		{"CloseNow", func(c *wspoll.Conn, p peer) { c.CloseNow() }, 0, 0, wsproto.EndedByUs},
		{"silence", func(c *wspoll.Conn, p peer) {}, 70 * time.Second, 70 * time.Second, wsproto.EndedByTimeout},
		{"silence after a message", func(c *wspoll.Conn, p peer) {
			time.Sleep(50 * time.Second)
			p.send(text("hello"))
		}, 120 * time.Second, 120 * time.Second, wsproto.EndedByTimeout},
		{"what is sent is not taken", func(c *wspoll.Conn, p peer) {
			for c.Write(ws.OpBinary, make([]byte, 10_000)) == nil {
			}
		}, 30 * time.Second, 30 * time.Second, wsproto.EndedByTimeout},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := make(chan ending, 1)
				conns := make(chan *wspoll.Conn, 1)
				begun := time.Now()
				s := &wspoll.Server{
					OnOpen:    func(c *wspoll.Conn) { conns <- c },
					OnClose:   func(_ *wspoll.Conn, err *wspoll.ConnError) { told <- ending{time.Since(begun), err} },
					KeepAlive: wsproto.KeepAlive{Interval: time.Minute, Timeout: 10 * time.Second},
				}
				l := serveIn(t, s)
				p := openIn(t, l)
				c := <-conns
				tc.do(c, p)
				got := <-told
				if got.at != tc.told || got.err.By != tc.by {
					t.Errorf("OnClose is called after %v with %v, want %v, %v", got.at, got.err, tc.told, tc.by)
				}
				if tc.by == wsproto.EndedByTimeout && !errors.Is(got.err, os.ErrDeadlineExceeded) {
					t.Errorf("OnClose is told %v, want a timeout", got.err)
				}
				for s.Conns() > 0 {
					time.Sleep(time.Millisecond)
				}
				if took := time.Since(begun).Truncate(100 * time.Millisecond); took != tc.end {
					t.Errorf("the transport is closed after %v, want %v", took, tc.end)
				}
			})
		})
	}
}

func TestPingsKeepAPeerThatAnswers(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Second, time.Minute, 7 * time.Minute / 2} {
		synctest.Test(t, func(t *testing.T) {
			e := make(ends, 1)
			s := &wspoll.Server{OnClose: e.onClose, KeepAlive: wsproto.KeepAlive{Interval: time.Minute, Timeout: timeout}}
			l := serveIn(t, s)
			p := openIn(t, l)
			for range 10 {
				begun := time.Now()
				p.want(ws.OpPing, "")
				if took := time.Since(begun); took != time.Minute {
					t.Fatalf("with a timeout of %v, a ping after %v", timeout, took)
				}
				p.send(frame(ws.OpPong, true, ""))
				synctest.Wait()
			}
			if len(e) != 0 {
				t.Error("it has ended")
			}
			begun := time.Now()
			p.want(ws.OpPing, "")
			<-e
			if timeout == 0 {
				timeout = time.Minute
			}
			if took := time.Since(begun); took != time.Minute+timeout {
				t.Errorf("with a timeout of %v, the end after %v without an answer", timeout, took)
			}
		})
	}
}

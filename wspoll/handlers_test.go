package wspoll_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// calls are the handlers that were called, in their order.
type calls struct {
	mu  sync.Mutex
	all []string
}

func (c *calls) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, name)
}

// What has come with the handshake waits for OnOpen, and nothing comes after OnClose.
func TestOnOpenComesFirstAndOnCloseLast(t *testing.T) {
	for _, workers := range []int{0, 2} {
		synctest.Test(t, func(t *testing.T) {
			var got calls
			s := &wspoll.Server{
				Workers: workers,
				OnOpen: func(*wspoll.Conn) {
					time.Sleep(time.Second)
					got.add("open")
				},
				OnMessage: func(_ *wspoll.Conn, _ ws.OpCode, p []byte) { got.add(string(p)) },
				OnPing:    func(*wspoll.Conn, []byte) { got.add("ping") },
				OnPong:    func(*wspoll.Conn, []byte) { got.add("pong") },
				OnClose:   func(*wspoll.Conn, *wspoll.ConnError) { got.add("close") },
			}
			p := connect(t, serveIn(t, s))
			p.send(slices.Concat([]byte(request), text("one"), frame(ws.OpPing, true, ""), frame(ws.OpPong, true, ""), text("two"),
				frame(ws.OpClose, true, "\x03\xe8"), text("three")))
			p.wantHead("HTTP/1.1 101 ")
			p.want(ws.OpPong, "")
			p.wantClose(1000)
			synctest.Wait()
			if want := "open one ping pong two close"; strings.Join(got.all, " ") != want {
				t.Errorf("%d workers: %q are called, want %q", workers, got.all, want)
			}
		})
	}
}

// A handler that panics ends its connection with 1011, and the loop serves the others.
func TestAPanicEndsOneConnection(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		for _, workers := range []int{0, 1} {
			var armed atomic.Value // the name of the handler that is to panic
			reported, closed := make(chan error, 10), make(ends, 10)
			trip := func(name string) {
				if armed.Load() == name {
					panic(name)
				}
			}
			s := &wspoll.Server{
				Loops: 1, Workers: workers,
				OnRequest: func(*wspoll.Request) wspoll.Decision { trip("OnRequest"); return wspoll.Accept() },
				OnOpen:    func(*wspoll.Conn) { trip("OnOpen") },
				OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) { trip("OnMessage"); c.Write(op, p) },
				OnPing:    func(*wspoll.Conn, []byte) { trip("OnPing") },
				OnPong:    func(*wspoll.Conn, []byte) { trip("OnPong") },
				OnClose:   func(_ *wspoll.Conn, err *wspoll.ConnError) { closed <- err; trip("OnClose") },
				OnError:   func(err error) { reported <- err },
			}
			addr := serve(t, s, poller)
			other := open(t, addr)
			other.send(text("hello")) // after its OnOpen
			other.want(ws.OpText, "hello")
			for _, tc := range []struct {
				name string
				send []byte
				code ws.StatusCode
			}{
				{"OnOpen", nil, 1011},
				{"OnMessage", text("x"), 1011},
				{"OnPing", frame(ws.OpPing, true, ""), 1011},
				{"OnPong", frame(ws.OpPong, true, ""), 1011},
				{"OnClose", frame(ws.OpClose, true, "\x03\xe8"), 1000},
				{"OnRequest", nil, 0},
			} {
				armed.Store(tc.name)
				p := dial(t, addr)
				p.send(append([]byte(request), tc.send...))
				if tc.code == 0 {
					p.wantHead("HTTP/1.1 500 ")
				} else {
					p.wantHead("HTTP/1.1 101 ")
					if tc.name == "OnPing" {
						p.want(ws.OpPong, "")
					}
					p.wantClose(tc.code)
					if err := <-closed; err.Code != tc.code {
						t.Errorf("%s: OnClose is told %v, want %d", tc.name, err, tc.code)
					}
				}
				p.Close()
				if err := <-reported; err.Error() != "wspoll: a handler has panicked: "+tc.name {
					t.Errorf("%s: OnError is told %v", tc.name, err)
				}
				armed.Store("")
				other.send(text("still here"))
				other.want(ws.OpText, "still here")
			}
		}
	})
}

// While all workers are busy, the others are not read: what their peers send waits
// where it is.
func TestAFullPoolStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held, handled := make(chan struct{}), 0
		s := &wspoll.Server{Workers: 1, OnMessage: func(_ *wspoll.Conn, _ ws.OpCode, p []byte) {
			if string(p) == "hold" {
				<-held
			}
			handled += len(p)
		}}
		l := serveIn(t, s)
		first, second := openIn(t, l), openIn(t, l)
		first.send(text("hold"))
		synctest.Wait()
		const messages, size = 100, 10_000
		done := false
		go func() {
			for range messages {
				second.send(text(strings.Repeat("x", size)))
			}
			done = true
		}()
		synctest.Wait()
		if handled != 0 || done {
			t.Errorf("%d bytes are handled, all sent: %t; want nothing received but what buffers hold", handled, done)
		}
		close(held)
		synctest.Wait()
		if want := len("hold") + messages*size; handled != want || !done {
			t.Errorf("%d bytes are handled, all sent: %t; want %d", handled, done, want)
		}
	})
}

// A hub delivers to connections, in order, whatever each of them takes.
func TestAHubDelivers(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		hub := new(wshub.Hub)
		joined := make(chan struct{}, 3)
		s := &wspoll.Server{
			Queue: wsproto.Queue{WhenFull: wsproto.QueueDropOldest},
			OnOpen: func(c *wspoll.Conn) {
				m := hub.Join(c, "")
				m.Subscribe("news")
				c.SetValue(m)
				joined <- struct{}{}
			},
			OnClose: func(c *wspoll.Conn, _ *wspoll.ConnError) { c.Value().(*wshub.Member).Leave() },
		}
		addr := serve(t, s, poller)
		all := []peer{open(t, addr), open(t, addr), open(t, addr)}
		for range all {
			<-joined
		}
		for i := range 100 {
			hub.Publish("news", wshub.Text([]byte(fmt.Sprint("message ", i))))
		}
		for _, p := range all {
			for i := range 100 {
				p.want(ws.OpText, fmt.Sprint("message ", i))
			}
		}
	})
}

// CloseNow sends no close frame, also if OnClose panics.
func TestAPanicOfOnCloseSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &wspoll.Server{
			Loops:     1,
			OnMessage: func(c *wspoll.Conn, _ ws.OpCode, _ []byte) { time.AfterFunc(time.Second, c.CloseNow) },
			OnClose:   func(*wspoll.Conn, *wspoll.ConnError) { panic("OnClose") },
		}
		p := openIn(t, serveIn(t, s))
		p.send(text("x"))
		if b, err := io.ReadAll(p); len(b) > 0 || err != nil {
			t.Errorf("%x, %v: it was to end without a close frame", b, err)
		}
		if sent := s.Stats().Closes.Sent; len(sent) > 0 {
			t.Errorf("close frames are counted: %+v", sent)
		}
	})
}

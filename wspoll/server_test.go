package wspoll_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

func TestShutdownSaysGoodbye(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		before := descriptors(t)
		e := make(ends, 20)
		s := &wspoll.Server{OnClose: e.onClose, OnMessage: echo, CloseReason: "restart"}
		if err := s.StartWith(poller); err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		var all []peer
		for range 10 {
			all = append(all, open(t, l.Addr().String()))
		}
		idle := dial(t, l.Addr().String()) // its handshake has not begun
		for begun := time.Now(); s.Conns() < 11; time.Sleep(time.Millisecond) {
			if time.Since(begun) > patience {
				t.Fatal("it is not accepted")
			}
		}
		var peers sync.WaitGroup
		for _, p := range all {
			peers.Go(func() {
				f, err := ws.ReadFrame(p)
				if code, reason, _ := ws.ParseClose(f.Payload); err != nil || code != ws.StatusGoingAway || string(reason) != "restart" {
					t.Errorf("%v %q, %v, want 1001 and the reason", code, reason, err)
				}
				p.Write(frame(ws.OpClose, true, string(f.Payload)))
				p.wantEnd()
				p.Close()
			})
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		report, err := s.Shutdown(ctx)
		if err != nil || report.Closed != 10 || len(report.Unanswered) != 1 || report.Handlers != 0 {
			t.Errorf("Shutdown returns %+v, %v", report, err)
		} else if u := report.Unanswered[0]; u.Remote != idle.LocalAddr().String() || !errors.Is(u.Err, wspoll.ErrServerClosed) {
			t.Errorf("%+v has not answered, want %v", u, idle.LocalAddr())
		}
		if got := s.Stats(); got.Open != 0 || got.Opened != 10 || got.Refused["shutdown"] != 1 || got.Closes.Sent[1001] != 10 || got.Closes.Received[1001] != 10 || got.Ended.Us != 10 {
			t.Errorf("the counts are %+v", got)
		}
		peers.Wait()
		idle.Close()
		if err := <-served; err != wspoll.ErrServerClosed {
			t.Errorf("Serve returns %v", err)
		}
		if len(e) != 10 {
			t.Errorf("OnClose was called %d times, want 10", len(e))
		}
		if err := s.Serve(l); err != wspoll.ErrServerClosed {
			t.Errorf("Serve returns %v after Shutdown", err)
		}
		if after := descriptors(t); after > before {
			t.Errorf("%d descriptors, %d before", after, before)
		}
		for late := time.Now().Add(patience); loopGoroutines() > 0; runtime.Gosched() {
			if time.Now().After(late) {
				t.Fatal("goroutines of the server are left")
			}
		}
	})
}

func TestShutdownWithACodeOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &wspoll.Server{CloseCode: ws.StatusServiceRestart, CloseReason: "back soon"}
		p := openIn(t, serveIn(t, s))
		go func() {
			f, err := ws.ReadFrame(p)
			if code, reason, _ := ws.ParseClose(f.Payload); err != nil || code != 1012 || string(reason) != "back soon" {
				t.Errorf("%v %q, %v", code, reason, err)
			}
			p.Write(frame(ws.OpClose, true, string(f.Payload)))
			p.Close()
		}()
		if report, err := s.Shutdown(t.Context()); err != nil || report.Closed != 1 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// loopGoroutines returns how many goroutines run methods of this package.
func loopGoroutines() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "github.com/wirews/wirews/wspoll.(*")
}

// descriptors returns how many files this process has open; 0 where that is not
// known.
func descriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, fd := range all {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

func TestShutdownHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := make(ends, 1)
		s := &wspoll.Server{OnClose: e.onClose}
		l := serveIn(t, s)
		p := openIn(t, l) // it does not answer
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		report, err := s.Shutdown(ctx)
		if err != context.DeadlineExceeded || time.Since(begun) != time.Second || len(report.Unanswered) != 1 || report.Closed != 0 {
			t.Errorf("Shutdown returns %+v, %v after %v", report, err, time.Since(begun))
		}
		p.wantClose(ws.StatusGoingAway)
		<-e
	})
}

// A storm of connections that open, send and close in all ways, while others write
// to them: what is written to one never reaches another that has got its descriptor.
func TestNothingReachesTheNextConnection(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		total := 20_000
		if testing.Short() || poller == "goroutines" {
			total = 2_000
		}
		if n, err := strconv.Atoi(os.Getenv("WSPOLL_STORM")); err == nil {
			total = n // of make repeat
		}
		const clients = 16
		ids := new(atomic.Int64)
		var late sync.WaitGroup
		var mu sync.Mutex
		var gone []*wspoll.Conn // that others go on writing to
		s := &wspoll.Server{
			Loops:  2,
			OnOpen: func(c *wspoll.Conn) { c.SetValue(ids.Add(1)) },
			OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
				c.Write(op, fmt.Appendf(nil, "%s %d", p, c.Value()))
				mu.Lock()
				defer mu.Unlock()
				if gone = append(gone, c); len(gone) > 64 {
					gone = gone[1:]
				}
			},
		}
		addr := serve(t, s, poller)
		stop := make(chan struct{})
		for range 2 {
			late.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					mu.Lock()
					all := append([]*wspoll.Conn(nil), gone...)
					mu.Unlock()
					for _, c := range all {
						c.Write(ws.OpText, fmt.Appendf(nil, "late %d", c.Value()))
					}
					runtime.Gosched()
				}
			})
		}
		var all sync.WaitGroup
		for k := range clients {
			all.Go(func() {
				for i := range total / clients {
					if err := visit(addr, fmt.Sprint("tag", k, "-", i), i%4); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		close(stop)
		late.Wait()
	})
}

// visit opens a connection, and checks that all that it receives is for it.
func visit(addr, tag string, way int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, _, err := (ws.Dialer{}).Upgrade(conn, target); err != nil {
		return err
	}
	if _, err := conn.Write(text(tag)); err != nil {
		return err
	}
	f, err := ws.ReadFrame(conn)
	if err != nil {
		return err
	}
	id, ok := strings.CutPrefix(string(f.Payload), tag+" ")
	if !ok {
		return fmt.Errorf("%s gets %q", tag, f.Payload)
	}
	switch way {
	case 0: // as it should be
		conn.Write(frame(ws.OpClose, true, "\x03\xe8"))
	case 1:
		conn.(*net.TCPConn).CloseWrite()
	case 2:
		conn.(*net.TCPConn).SetLinger(0)
		return nil
	case 3:
		return nil
	}
	for {
		f, err := ws.ReadFrame(conn)
		if err != nil {
			return nil // the end
		}
		if f.Header.OpCode == ws.OpText && string(f.Payload) != "late "+id {
			return fmt.Errorf("connection %s gets %q", id, f.Payload)
		}
	}
}

func TestListenAndServeEndsWithItsContext(t *testing.T) {
	for _, reuse := range []bool{false, true} {
		addrs := make(chan net.Addr, 1)
		s := &wspoll.Server{
			ReusePort: reuse,
			OnMessage: echo,
			OnOpen:    func(c *wspoll.Conn) { addrs <- c.LocalAddr() },
		}
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- s.ListenAndServe(ctx, "tcp", "127.0.0.1:0") }()
		addr := listening(t, s)
		p := open(t, addr)
		if got := <-addrs; got.String() != addr {
			t.Errorf("the local address is %v, want %v", got, addr)
		}
		p.send(text("hello"))
		p.want(ws.OpText, "hello")
		cancel()
		f, err := ws.ReadFrame(p)
		if code, _, _ := ws.ParseClose(f.Payload); err != nil || code != ws.StatusGoingAway {
			t.Errorf("%v, %v, want 1001", code, err)
		}
		p.Close()
		if err := <-served; err != nil {
			t.Errorf("ListenAndServe returns %v", err)
		}
	}
}

// refusing is a listener to which the system gives nothing for a while.
type refusing struct {
	net.Listener
	calls atomic.Int32
	times int32
}

func (r *refusing) Accept() (net.Conn, error) {
	if r.calls.Add(1) <= r.times {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", tooManyFiles{})}
	}
	return r.Listener.Accept()
}

// tooManyFiles is as EMFILE.
type tooManyFiles struct{}

func (tooManyFiles) Error() string   { return "too many open files" }
func (tooManyFiles) Temporary() bool { return true }
func (tooManyFiles) Timeout() bool   { return false }

func TestAcceptingBacksOffAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported atomic.Int32
		s := &wspoll.Server{OnMessage: echo, OnError: func(err error) {
			if !errors.As(err, new(tooManyFiles)) {
				t.Errorf("OnError is told %v", err)
			}
			reported.Add(1)
		}}
		l := serveIn(t, s)
		r := &refusing{Listener: l, times: 12}
		served := make(chan error, 1)
		go func() { served <- s.Serve(r) }()
		time.Sleep(time.Hour)
		if n := r.calls.Load(); n != 13 || reported.Load() != 12 {
			t.Errorf("%d calls of accept, %d reports; want 13, 12", n, reported.Load())
		}
		p := openIn(t, l)
		p.send(text("hello"))
		p.want(ws.OpText, "hello")
	})
}

// A handler that does not return is what Shutdown does not wait for.
func TestShutdownCountsTheHandlersThatRun(t *testing.T) {
	for name, workers := range map[string]int{"on a loop": 0, "on a worker": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				held := make(chan struct{})
				s := &wspoll.Server{Workers: workers, Loops: 1, OnMessage: func(*wspoll.Conn, ws.OpCode, []byte) { <-held }}
				l := serveIn(t, s)
				p := openIn(t, l)
				p.send(text("x"))
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if report, err := s.Shutdown(ctx); err != context.DeadlineExceeded || report.Handlers != 1 {
					t.Errorf("Shutdown returns %+v, %v, want one handler", report, err)
				}
				close(held)
			})
		})
	}
}

func TestWhatWasDoneIsCounted(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		e := make(ends, 1)
		s := &wspoll.Server{OnMessage: echo, OnClose: e.onClose}
		addr := serve(t, s, poller)
		p := open(t, addr)
		for range 3 {
			p.send(text("Hello"))
			p.want(ws.OpText, "Hello")
		}
		p.send(frame(ws.OpPing, true, ""))
		p.want(ws.OpPong, "")
		p.send(frame(ws.OpClose, true, "\x0f\xa0"))
		p.wantClose(4000)
		<-e
		other := dial(t, addr)
		other.send([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"))
		other.wantHead("HTTP/1.1 426 ")
		got := s.Stats()
		traffic := wsproto.Traffic{Messages: 3, Bytes: 15}
		received, sent := traffic, traffic
		received.Pings, sent.Pongs = 1, 1
		if got.Opened != 1 || got.Received != received || got.Sent != sent || got.Refused["not_websocket"] != 1 || got.Closes.Received[4000] != 1 || got.Closes.Sent[4000] != 1 {
			t.Errorf("the counts are %+v", got)
		}
	})
}

func TestTheRequestIsKeptForWhoeverWantsIt(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		got := make(chan string, 1)
		addr := serve(t, &wspoll.Server{KeepRequest: true, OnOpen: func(c *wspoll.Conn) {
			agent, _ := c.Request().Fields.First("User-Agent")
			got <- fmt.Sprintf("%s %s %v", c.Request().Target, agent, c.RemoteAddr())
		}}, poller)
		p := dial(t, addr)
		p.send([]byte(strings.Replace(request, "\r\n\r\n", "\r\nUser-Agent: test\r\n\r\n", 1)))
		p.wantHead("HTTP/1.1 101 ")
		if got, want := <-got, "/chat test "+p.LocalAddr().String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestATurnThatTakesLongIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &wspoll.Server{OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
			time.Sleep(time.Second)
			c.Write(op, p)
		}}
		l := serveIn(t, s)
		p := openIn(t, l)
		for range 3 {
			p.send(text("x"))
			p.want(ws.OpText, "x")
		}
		synctest.Wait()
		if n := s.LongTurns(); n != 3 {
			t.Errorf("%d long turns, want 3", n)
		}
	})
}

// A hub can deliver to connections.
var _ wshub.Subscriber = (*wspoll.Conn)(nil)

// Of the loops that are late, those count that a handler holds. (In a bubble: Shutdown
// waits for a second, in which a slow machine does not run all of them.)
func TestShutdownCountsTheLoopThatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn, in := make(chan bool), make(chan bool)
		defer close(goOn)
		s := &wspoll.Server{Loops: 8, OnMessage: func(*wspoll.Conn, ws.OpCode, []byte) { in <- true; <-goOn }}
		p := openIn(t, serveIn(t, s))
		p.send(text("x"))
		<-in
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if r, err := s.Shutdown(ctx); r.Handlers != 1 {
			t.Errorf("%d handlers are held, %v; want 1", r.Handlers, err)
		}
	})
}

func TestOnErrorMayShutTheServerDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := new(wspoll.Server)
	s.OnError = func(error) { s.Shutdown(context.Background()) }
	if err := s.Serve(&refusing{Listener: l, times: 1}); err != wspoll.ErrServerClosed {
		t.Errorf("Serve returns %v, want ErrServerClosed", err)
	}
}

func TestAHandlerMayEndTheServer(t *testing.T) {
	for name, end := range map[string]func(*wspoll.Server){
		"Close":    (*wspoll.Server).Close,
		"Shutdown": func(s *wspoll.Server) { go s.Shutdown(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, poller string) {
				e := make(ends, 2)
				s := &wspoll.Server{OnClose: e.onClose}
				s.OnMessage = func(*wspoll.Conn, ws.OpCode, []byte) { end(s) }
				address := serve(t, s, poller)
				quiet, p := open(t, address), open(t, address)
				p.send(text("x"))
				for _, p := range []peer{quiet, p} {
					if f, err := ws.ReadFrame(p); err == nil { // the close frame of Shutdown
						p.Write(frame(ws.OpClose, true, string(f.Payload)))
					}
					p.wantEnd()
					p.Close()
				}
				<-e
				<-e
				if _, err := s.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestStatsMayBeAskedWhileTheServerStarts(t *testing.T) {
	s := new(wspoll.Server)
	var all sync.WaitGroup
	all.Go(func() { s.Stats(); s.Conns() })
	serve(t, s, "goroutines")
	all.Wait()
}

func TestTimesWithoutEndAreNoTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ever = math.MaxInt64
		l := serveIn(t, &wspoll.Server{OnMessage: echo, HandshakeTimeout: ever, StallTimeout: ever, KeepAlive: wsproto.KeepAlive{Interval: ever}})
		p := connect(t, l)
		time.Sleep(time.Hour)
		p.send([]byte(request))
		p.wantHead("HTTP/1.1 101 ")
		time.Sleep(time.Hour)
		p.send(text("a"))
		p.want(ws.OpText, "a")
	})
}

// Whoever serves the connections of Others is told of the end, also of a server that
// has never begun.
func TestOthersEndWithAServerThatHasNotBegun(t *testing.T) {
	for name, s := range map[string]*wspoll.Server{
		"not started":   {},
		"wrong options": {OriginPatterns: []string{"["}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				others := s.Others()
				ended := make(chan error, 1)
				go func() {
					_, err := others.Accept()
					ended <- err
				}()
				if name != "not started" {
					if err := s.Serve(wstest.NewListener(0)); err == nil {
						t.Fatal("the patterns are accepted")
					}
				}
				s.Shutdown(t.Context())
				synctest.Wait()
				select {
				case err := <-ended:
					if !errors.Is(err, net.ErrClosed) {
						t.Errorf("Accept: %v", err)
					}
				default:
					t.Error("Accept still waits")
					others.Close()
				}
			})
		})
	}
}

// A listener that is asked for too late has ended too.
func TestOthersAfterTheEndHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s wspoll.Server
		s.Close()
		l := s.Others()
		time.AfterFunc(time.Hour, func() { l.Close() })
		begun := time.Now()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) || time.Since(begun) > 0 {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// tagged is a listener that cannot be compared.
type tagged struct {
	net.Listener
	tags []string
}

func TestAListenerNeedNotBeComparable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s wspoll.Server
		if err := s.StartWith("goroutines"); err != nil {
			t.Fatal(err)
		}
		served := make(chan any, 1)
		go func() {
			defer func() { served <- recover() }()
			s.Serve(tagged{wstest.NewListener(0), nil})
		}()
		synctest.Wait()
		s.Shutdown(t.Context())
		if v := <-served; v != nil {
			t.Errorf("Serve has panicked: %v", v)
		}
	})
}

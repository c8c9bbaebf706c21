package websocket_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// pusher sends numbers until it cannot, and counts those that Write has accepted.
type pusher struct{ accepted atomic.Int64 }

func (p *pusher) push(c *websocket.Conn) {
	for b := make([]byte, 1000); ; p.accepted.Add(1) {
		binary.BigEndian.PutUint64(b, uint64(p.accepted.Load()))
		if c.Write(context.Background(), websocket.MessageBinary, b) != nil {
			return
		}
	}
}

// The ways in which a Handler may read while it pushes.
var pushers = map[string]func(ctx context.Context, c *websocket.Conn, p *pusher){
	"Reader": func(ctx context.Context, c *websocket.Conn, p *pusher) {
		go p.push(c)
		for {
			_, r, err := c.Reader(ctx)
			if err != nil {
				return
			}
			io.Copy(io.Discard, r)
		}
	},
	"Read": func(ctx context.Context, c *websocket.Conn, p *pusher) {
		go p.push(c)
		for {
			if _, _, err := c.Read(ctx); err != nil {
				return
			}
		}
	},
	"Serve": func(ctx context.Context, c *websocket.Conn, p *pusher) {
		go p.push(c)
		c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { return nil })
	},
	"nothing": func(_ context.Context, c *websocket.Conn, p *pusher) { p.push(c) },
}

// drain reads numbers from n up to the close frame, and returns how many there were
// in all.
func drain(p *peer, n int64, slowly func()) (_ int64, code websocket.StatusCode, err error) {
	for {
		slowly()
		ev, message, err := p.message()
		switch {
		case err != nil:
			return n, 0, err
		case ev.Op == ws.OpClose:
			return n, websocket.StatusCode(ev.Code()), nil
		case binary.BigEndian.Uint64(message) != uint64(n):
			return n, 0, fmt.Errorf("message %d comes as number %d", binary.BigEndian.Uint64(message), n)
		}
		n++
	}
}

// message returns the next message, or control frame, whose event is the last one.
func (p *peer) message() (ev wsproto.Event, message []byte, err error) {
	for {
		if ev, err = p.next(); err != nil {
			return ev, nil, err
		}
		if message = append(message, ev.Payload...); ev.Last {
			return ev, message, nil
		}
	}
}

// Whatever Write has accepted arrives before the close frame, at peers that read
// slowly and send all the time.
func TestShutdownLosesNoMessage(t *testing.T) {
	for name, handler := range pushers {
		for queued, queue := range map[string]*websocket.Queue{"": nil, ", queued": {Messages: 64}} {
			t.Run(name+", pipes"+queued, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &websocket.Server{CloseSpread: time.Second}
					s.Options.Queue = queue
					testLosesNothing(t, s, 50, listenInMemory(), handler, func() { time.Sleep(7 * time.Millisecond) })
				})
			})
			t.Run(name+", TCP"+queued, func(t *testing.T) {
				noLeaks(t)
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				s := &websocket.Server{CloseSpread: 10 * time.Millisecond}
				s.Options.Queue = queue
				testLosesNothing(t, s, 5, l, handler, func() {})
			})
		}
	}
}

func testLosesNothing(t *testing.T, s *websocket.Server, n int, l net.Listener, handler func(context.Context, *websocket.Conn, *pusher), slowly func()) {
	var pushersOf sync.Map // by connection
	s.Key, s.CloseCode = byUser, websocket.StatusServiceRestart
	s.Handler = func(ctx context.Context, c *websocket.Conn) {
		p := new(pusher)
		pushersOf.Store(c, p)
		handler(ctx, c, p)
	}
	go s.Serve(l)
	var begun, ended sync.WaitGroup
	begun.Add(n)
	got, of := make([]int64, n), make([]*pusher, n)
	for i := range n {
		ended.Go(func() {
			conn := connectTo(t, l)
			defer conn.Close()
			user := fmt.Sprint("user ", i)
			p := peerAfterHandshake(t, conn, user)
			if _, _, err := p.message(); err != nil {
				t.Error(err)
			}
			for c := range s.Find(user) {
				v, _ := pushersOf.Load(c)
				of[i] = v.(*pusher)
			}
			begun.Done()
			ended.Go(func() {
				frame := masked(ws.OpText, true, "and I say")
				for range 1000 {
					slowly()
					if _, err := conn.Write(frame); err != nil {
						return
					}
				}
			})
			count, code, err := drain(p, 1, slowly)
			if err != nil || code != websocket.StatusServiceRestart {
				t.Errorf("%s: close code %v, %v", user, code, err)
			}
			got[i] = count
		})
	}
	begun.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if report, err := s.Shutdown(ctx); err != nil || report.Closed != n || len(report.Unanswered)+report.Handlers > 0 {
		t.Errorf("%+v, %v", report, err)
	}
	ended.Wait()
	for i, p := range of {
		// The last one may have been sent by a Write that was not sure of that.
		if accepted := p.accepted.Load(); got[i] != accepted && got[i] != accepted+1 {
			t.Errorf("user %d has received %d messages of %d", i, got[i], accepted)
		}
	}
}

// connectTo connects to a listener.
func connectTo(t *testing.T, l net.Listener) (conn net.Conn) {
	var err error
	if memory, ok := l.(*memoryListener); ok {
		conn, err = memory.connect()
	} else {
		conn, err = net.Dial("tcp", l.Addr().String())
	}
	if err != nil {
		t.Error(err)
		return new(wstest.Conn)
	}
	return conn
}

// peerAfterHandshake returns a client that has asked, with key in the field User. The
// response is read to its end and no further.
func peerAfterHandshake(t *testing.T, conn net.Conn, key string) *peer {
	if _, err := conn.Write(wstest.GoodRequest().With("User: " + key).Bytes()); err != nil {
		t.Error(err)
	}
	b := make([]byte, 1)
	for head := ""; !strings.HasSuffix(head, "\r\n\r\n"); head += string(b) {
		if _, err := conn.Read(b); err != nil {
			t.Error(err)
			break
		}
	}
	return peerOf(t, conn)
}

// Peers that do not answer are reported, and so are Handlers that do not return.
func TestShutdownReportsWhoDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		s := start(t, &websocket.Server{Key: byUser, CloseReason: "until tomorrow", Handler: func(ctx context.Context, c *websocket.Conn) {
			c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
				if string(p) == "hang" {
					<-release
				}
				return nil
			})
		}})
		for range 3 {
			go s.peer(t, "polite").untilClose()
		}
		reads := s.peer(t, "reads") // and does not answer
		go func() {
			if code, reason, ok := readClose(reads.conn); !ok || code != 1001 || reason != "until tomorrow" {
				t.Errorf("close frame %v %q, %v", code, reason, ok)
			}
		}()
		s.peer(t, "deaf") // reads nothing
		gone := s.peer(t, "gone")
		hangs := s.peer(t, "hangs")
		hangs.conn.Write(masked(ws.OpText, true, "hang"))
		synctest.Wait()
		gone.conn.Close()
		synctest.Wait()
		time.Sleep(time.Minute) // whoever has gone is no part of it
		if n := s.Len(); n != 6 {
			t.Errorf("%d connections", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		since := stopwatch()
		report, err := s.Shutdown(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || since() != 20*time.Second+250*time.Millisecond {
			t.Errorf("%v after %v", err, since())
		}
		who := map[string]int{}
		for _, u := range report.Unanswered {
			who[u.Key]++
			if end, ok := errors.AsType[*websocket.ConnError](u.Err); !strings.HasPrefix(u.Remote, "192.0.2.1:") || !ok || end.Clean() {
				t.Errorf("%+v", u)
			}
		}
		if report.Closed != 3 || report.Handlers != 1 || len(who) != 3 || who["reads"]*who["deaf"]*who["hangs"] != 1 {
			t.Errorf("%+v", report)
		}
		close(release)
		synctest.Wait()
		if again, err := s.Shutdown(t.Context()); err != nil || again.Handlers != 0 || again.Closed != 3 || len(again.Unanswered) != 3 || s.Len() != 0 {
			t.Errorf("then %+v, %v, %d connections", again, err, s.Len())
		}
	})
}

// readClose reads frames up to a close frame.
func readClose(conn net.Conn) (code ws.StatusCode, reason string, ok bool) {
	for {
		f, err := ws.ReadFrame(conn)
		if err != nil {
			return 0, "", false
		}
		if f.Header.OpCode == ws.OpClose {
			code, text, err := ws.ParseClose(f.Payload)
			return code, string(text), err == nil
		}
	}
}

// Without a deadline each peer has five seconds, whatever its Handler does.
func TestShutdownWithoutADeadline(t *testing.T) {
	for name, handler := range map[string]func(ctx context.Context, c *websocket.Conn){
		"nil":       nil,
		"Read":      func(ctx context.Context, c *websocket.Conn) { c.Read(ctx) },
		"CloseRead": func(ctx context.Context, c *websocket.Conn) { <-c.CloseRead(ctx).Done() },
		"nothing": func(ctx context.Context, c *websocket.Conn) {
			for c.Write(ctx, websocket.MessageText, nil) == nil {
				time.Sleep(time.Second)
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, &websocket.Server{Handler: handler})
			s.peer(t, "")
			go s.peer(t, "").untilClose()
			synctest.Wait()
			since := stopwatch()
			report, err := s.Shutdown(t.Context())
			if err != nil || report.Closed != 1 || len(report.Unanswered) != 1 || report.Handlers != 0 || since() != 5*time.Second {
				t.Errorf("%s: %+v, %v after %v", name, report, err, since())
			}
		})
	}
}

func TestWhatComesDuringShutdown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, &websocket.Server{RetryAfter: 1500 * time.Millisecond})
		hc := onPipes(t, &http.Server{Handler: s.Server})
		s.peer(t, "") // does not answer
		waiting, err := s.l.connect()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		down := make(chan error, 2)
		go func() { _, err := s.Shutdown(ctx); down <- err }()
		synctest.Wait()
		if _, err := waiting.Read(make([]byte, 1)); err == nil {
			t.Error("a connection that has not asked for anything goes on")
		}
		if _, err := s.l.connect(); err == nil {
			t.Error("the listener is open")
		}
		_, resp, err := websocket.Dial(t.Context(), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
		if err == nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "2" {
			t.Errorf("%v, %v", resp, err)
		}
		client, server := net.Pipe()
		if err := s.ServeConn(t.Context(), server); err != websocket.ErrServerClosed {
			t.Errorf("ServeConn: %v", err)
		}
		if _, err := client.Read(make([]byte, 1)); err == nil {
			t.Error("ServeConn has not closed the connection")
		}
		if err := s.Serve(listenInMemory()); err != websocket.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		// A second Shutdown waits for the same end, and ends it when its time is over.
		brief, cancelBrief := context.WithTimeout(t.Context(), time.Second)
		defer cancelBrief()
		if _, err := s.Shutdown(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second Shutdown: %v", err)
		}
		if err := <-down; err != nil {
			t.Errorf("the first Shutdown: %v", err)
		}
		cancel()
	})
}

// A handshake that was let in before Shutdown is closed after it.
func TestAHandshakeUnderWayWhenShutdownBegins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		admitted, goOn := make(chan bool), make(chan bool)
		handled := false
		s := start(t, &websocket.Server{
			Options: websocket.AcceptConnOptions{OnHandshake: func(httpx.Request) error {
				admitted <- true
				<-goOn
				return nil
			}},
			Handler: func(context.Context, *websocket.Conn) { handled = true },
		})
		client, err := s.l.connect()
		if err != nil {
			t.Fatal(err)
		}
		codes := make(chan websocket.StatusCode, 1)
		go func() { codes <- peerAfterHandshake(t, client, "").untilClose() }()
		<-admitted
		down := make(chan websocket.ShutdownReport, 1)
		go func() {
			report, err := s.Shutdown(t.Context())
			if err != nil {
				t.Error(err)
			}
			down <- report
		}()
		synctest.Wait()
		goOn <- true
		if code, report := <-codes, <-down; code != 1001 || report.Closed != 1 || handled {
			t.Errorf("code %v, %+v, handled: %v", code, report, handled)
		}
	})
}

func TestShutdownFromWithinAHandler(t *testing.T) {
	for name, handler := range map[string]func(ctx context.Context, c *websocket.Conn, f func(context.Context)){
		"Serve": func(ctx context.Context, c *websocket.Conn, f func(context.Context)) {
			c.Serve(ctx, func(ctx context.Context, _ websocket.MessageType, _ []byte) error { f(ctx); return nil })
		},
		"Read": func(ctx context.Context, c *websocket.Conn, f func(context.Context)) {
			if _, _, err := c.Read(ctx); err == nil {
				f(ctx)
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			reports := make(chan websocket.ShutdownReport, 2)
			var both sync.WaitGroup
			both.Add(2)
			s := new(websocket.Server)
			s.Handler = func(ctx context.Context, c *websocket.Conn) {
				handler(ctx, c, func(ctx context.Context) {
					both.Done()
					both.Wait()
					report, err := s.Shutdown(ctx)
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					reports <- report
				})
			}
			r := start(t, s)
			go r.peer(t, "").untilClose()
			synctest.Wait()
			for _, p := range []*peer{r.peer(t, ""), r.peer(t, "")} { // both end it
				go p.conn.Write(masked(ws.OpText, true, "down"))
				go func() {
					if code := p.untilClose(); code != 1001 {
						t.Errorf("%s: the peer gets %v", name, code)
					}
				}()
			}
			for range 2 {
				if report := <-reports; report.Closed < 1 || len(report.Unanswered)+report.Handlers > 0 {
					t.Errorf("%s: %+v", name, report)
				}
			}
			synctest.Wait()
			if n := s.Len(); n != 0 {
				t.Errorf("%s: %d connections", name, n)
			}
		})
	}
}

// A Handler that calls Shutdown is waited for no longer by whoever called it before, and
// may cancel its context then. The peer is told all the same.
func TestShutdownsContextEndsBeforeAHandlerThatCallsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, goOn := new(websocket.Server), make(chan bool)
		s.Handler = func(ctx context.Context, c *websocket.Conn) {
			go c.Write(ctx, websocket.MessageText, []byte("first"))
			<-goOn
			if _, err := s.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			<-goOn
		}
		p := start(t, s).peer(t, "")
		synctest.Wait() // the peer does not read: Write holds up the close frame
		ctx, cancel := context.WithCancel(t.Context())
		returned := make(chan bool)
		go func() {
			defer close(returned)
			defer cancel()
			if report, err := s.Shutdown(ctx); err != nil || report.Closed+len(report.Unanswered) > 0 {
				t.Errorf("%+v, %v", report, err)
			}
		}()
		synctest.Wait()
		goOn <- true
		<-returned
		synctest.Wait()
		if _, message, err := p.message(); string(message) != "first" || err != nil {
			t.Errorf("%q, %v", message, err)
		}
		if code := p.untilClose(); code != websocket.StatusGoingAway {
			t.Errorf("the peer gets %v", code)
		}
		goOn <- true
	})
}

func TestCloseEndsAtOnceAlsoFromWithinAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		s := new(websocket.Server)
		s.Handler = func(ctx context.Context, c *websocket.Conn) {
			c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
				if string(p) == "hang" {
					<-release
				}
				return s.Close()
			})
		}
		r := start(t, s)
		deaf := r.peer(t, "")
		hangs := r.peer(t, "")
		hangs.conn.Write(masked(ws.OpText, true, "hang"))
		synctest.Wait()
		since := stopwatch()
		p := r.peer(t, "")
		go p.conn.Write(masked(ws.OpText, true, "end"))
		for _, p := range []*peer{deaf, hangs, p} {
			if code := p.untilClose(); code != websocket.StatusAbnormalClosure {
				t.Errorf("the peer gets %v", code)
			}
		}
		synctest.Wait()
		if n := s.Len(); n != 1 || since() > 500*time.Millisecond {
			t.Errorf("%d connections after %v", n, since())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if report, err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || report.Handlers != 1 {
			t.Errorf("%+v, %v", report, err)
		}
		close(release)
		if report, err := s.Shutdown(t.Context()); err != nil || report.Handlers != 0 || len(report.Unanswered) != 3 {
			t.Errorf("%+v, %v", report, err)
		}
		s.Close()
	})
}

func TestShutdownSpreadsItsCloseFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		s := start(t, &websocket.Server{CloseSpread: time.Hour})
		var mu sync.Mutex
		var since func() time.Duration
		seconds := map[int]bool{}
		var late time.Duration
		for range n {
			p := s.peer(t, "")
			go func() {
				p.untilClose()
				mu.Lock()
				defer mu.Unlock()
				seconds[int(since()/time.Second)] = true
				late = max(late, since())
			}()
		}
		synctest.Wait() // what is not open yet is closed at once
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		since = stopwatch()
		if report, err := s.Shutdown(ctx); err != nil || report.Closed != n {
			t.Errorf("%+v, %v", report, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(seconds) < 15 || late > 30*time.Second {
			t.Errorf("close frames in %d of 30 seconds, the last after %v", len(seconds), late)
		}
	})
}

func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &websocket.Server{MaxAge: time.Hour, CloseCode: websocket.StatusServiceRestart, CloseReason: "enough"})
		since := stopwatch()
		for range 20 {
			p := s.peer(t, "")
			go func() {
				code, reason, _ := readClose(p.conn)
				if code != 1012 || reason != "enough" || since() < 54*time.Minute || since() > time.Hour {
					t.Errorf("%d %q after %v", code, reason, since())
				}
			}()
		}
		time.Sleep(54 * time.Minute)
		if n := s.Len(); n != 20 {
			t.Errorf("%d connections before their time", n)
		}
		time.Sleep(6*time.Minute + 6*time.Second) // they do not answer
		if n := s.Len(); n != 0 {
			t.Errorf("%d connections after their time", n)
		}
		// One that has ended before has no timer left, or Close would wait for it here.
		s.peer(t, "").conn.Close()
		synctest.Wait()
	})
}

func TestShutdownOfAnIdleServer(t *testing.T) {
	s := new(websocket.Server)
	for range 2 {
		if report, err := s.Shutdown(t.Context()); err != nil || report.Closed+len(report.Unanswered)+report.Handlers != 0 {
			t.Errorf("%+v, %v", report, err)
		}
	}
	var none context.Context
	if _, err := new(websocket.Server).Shutdown(none); err == nil {
		t.Error("a nil context is taken")
	}
}

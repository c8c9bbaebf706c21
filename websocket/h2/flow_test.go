package h2_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// endless sends messages until it cannot.
func endless(c *websocket.Conn) error {
	p := make([]byte, 10_000)
	for {
		if err := c.Write(bg, websocket.MessageBinary, p); err != nil {
			return err
		}
	}
}

func TestAWebSocketThatNobodyReadsDoesNotStopTheOthers(t *testing.T) {
	s := serve(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			accept(t, endless).ServeHTTP(w, r)
		} else {
			accept(t, echo).ServeHTTP(w, r)
		}
	}))
	s.transport.MaxStreams = 100
	plain := s.URL
	s.URL += "/endless"
	unread := make([]*websocket.Conn, 80) // 20 MiB in all: more than the connection's window
	for i := range unread {
		unread[i] = s.dial(t, nil)
	}
	s.URL = plain
	c := s.dial(t, nil)
	for range 100 {
		exchange(t, c, strings.Repeat("x", 100_000))
	}
	for range 100 {
		if _, p, err := unread[0].Read(bg); len(p) != 10_000 {
			t.Fatalf("%d bytes, %v", len(p), err)
		}
	}
}

// isolating are values for a server with which a handler that does not read stops
// nobody else.
var isolating = http.HTTP2Config{
	MaxConcurrentStreams:          100,
	MaxReceiveBufferPerStream:     32 << 10,
	MaxReceiveBufferPerConnection: 100 * 32 << 10, // less than 4 MiB
}

func TestTheGuideNamesTheValuesThatAreTested(t *testing.T) {
	guide, err := os.ReadFile("../../docs/http2.md")
	if err != nil {
		t.Fatal(err)
	}
	this, err := os.ReadFile("flow_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, values, _ := strings.Cut(string(this), "\nvar isolating = http.HTTP2Config{\n")
	values, _, _ = strings.Cut(values, "\n}\n")
	if !strings.Contains(string(guide), "\n"+values+"\n") {
		t.Errorf("docs/http2.md does not have\n%s", values)
	}
}

func TestAHandlerThatDoesNotReadDoesNotStopTheOthers(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	s := serve(t, &isolating, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accept(t, func(c *websocket.Conn) error {
			if r.URL.Path == "/deaf" {
				<-over
				return nil
			}
			return echo(c)
		}).ServeHTTP(w, r)
	}))
	plain := s.URL
	s.URL += "/deaf"
	for range isolating.MaxConcurrentStreams - 1 {
		c := s.dial(t, nil)
		ctx, cancel := context.WithTimeout(bg, time.Minute) // it takes no time if the windows are as they should be
		for range 2 {
			if err := c.Write(ctx, websocket.MessageBinary, make([]byte, 16_000)); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
	}
	s.URL = plain
	c := s.dial(t, nil)
	for range 20 {
		exchange(t, c, strings.Repeat("x", 100_000))
	}
}

func TestCancelledCallsLeaveTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unfreeze := make(chan struct{})
		s := hostile(t, func(p *peer) {
			p.greet()
			id := p.open()
			other := p.open()
			<-unfreeze
			p.WriteData(other, false, ws.AppendFrame(nil, ws.NewTextFrame([]byte("late"))))
			p.WriteWindowUpdate(0, 1<<20)
			p.WriteWindowUpdate(id, 1<<20)
			for range p.frames {
			}
		})
		writer, reader := s.dial(t, nil), s.dial(t, nil)
		for range 2 {
			ctx, cancel := context.WithTimeout(bg, time.Second)
			begun := time.Now()
			if _, _, err := reader.Read(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
				t.Errorf("Read: %v after %v", err, time.Since(begun))
			}
			cancel()
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		begun := time.Now()
		if err := writer.Write(ctx, websocket.MessageBinary, make([]byte, 100_000)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("Write: %v after %v", err, time.Since(begun))
		}
		cancel()
		close(unfreeze)
		if _, p, err := reader.Read(bg); string(p) != "late" {
			t.Errorf("Read: %q, %v", p, err)
		}
		if err := reader.Ping(canceledSoon(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Ping: %v", err)
		}
		if err := reader.Write(bg, websocket.MessageText, []byte("x")); err != nil {
			t.Errorf("Write: %v", err)
		}
	})
}

func canceledSoon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(bg, time.Second)
	t.Cleanup(cancel)
	return ctx
}

// A long message leaves room for others: frame by frame, those that wait have turns.
func TestWritersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const streams, size = 10, 200_000
		got := make(map[uint32]int)
		var spread int // between the one that is furthest and the one that is last, at most
		s := hostile(t, func(p *peer) {
			p.greet(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
			for range streams {
				p.open()
			}
			all := 0
			for d := next[*data](p); d != nil; d = next[*data](p) {
				got[d.id] += len(d.p)
				if all += len(d.p); all < 65535 {
					continue
				} else if all == 65535 { // the first window is for whoever comes first
					synctest.Wait() // until all of them wait
					p.WriteWindowUpdate(0, uint32(all))
					continue
				}
				least, most := size+100, 0
				for _, n := range got {
					least, most = min(least, n), max(most, n)
				}
				if len(got) == streams && most < size {
					spread = max(spread, most-least)
				}
				p.WriteWindowUpdate(0, uint32(len(d.p)))
			}
		})
		conns := make([]*websocket.Conn, streams)
		for i := range conns {
			conns[i] = s.dial(t, nil)
		}
		done := make(chan error)
		for _, c := range conns {
			go func() { done <- c.Write(bg, websocket.MessageBinary, make([]byte, size)) }()
		}
		for range conns {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if spread > 65535+2*(16<<10) {
			t.Errorf("one stream was %d bytes ahead of another", spread)
		}
	})
}

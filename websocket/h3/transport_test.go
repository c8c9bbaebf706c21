package h3_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

func TestManyWebSocketsOnOneConnection(t *testing.T) {
	const n = 250
	s := serve(t, h3.QUICConfig(n, 0), accept(t, nil, echo))
	s.transport.MaxStreams = n
	var all sync.WaitGroup
	conns := make([]*websocket.Conn, n)
	for i := range conns {
		all.Go(func() { conns[i] = s.dial(t, nil) })
	}
	all.Wait()
	if t.Failed() {
		return
	}
	for _, c := range conns {
		all.Go(func() { exchange(t, c, strings.Repeat("x", 1000)) })
		if c.LocalAddr().String() != conns[0].LocalAddr().String() {
			t.Errorf("connections from %v and %v", c.LocalAddr(), conns[0].LocalAddr())
		}
	}
	all.Wait()
}

func TestAnotherConnectionForMoreStreams(t *testing.T) {
	s := serve(t, nil, accept(t, nil, echo))
	s.transport.MaxStreams = 2
	froms := make(map[string]int)
	var conns []*websocket.Conn
	for range 5 {
		c := s.dial(t, nil)
		conns = append(conns, c)
		froms[c.LocalAddr().String()]++
	}
	if len(froms) != 3 {
		t.Errorf("%v, want three connections", froms)
	}
	conns[0].Close(websocket.StatusNormalClosure, "")
	if c := s.dial(t, nil); c.LocalAddr().String() != conns[0].LocalAddr().String() {
		t.Error("a stream that has ended leaves no room")
	}
}

// In a bubble: the time to wait for a stream is that for the connection too, for which
// no real time is both short and long enough.
func TestAServerThatAllowsFewerStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, new(network), &quic.Config{MaxIncomingStreams: 1}, accept(t, nil, echo))
		c := s.dial(t, nil)
		if _, _, err := s.tryDial(bg, nil); err == nil || !strings.Contains(err.Error(), "Transport.MaxStreams") {
			t.Error(err)
		}
		c.Close(websocket.StatusNormalClosure, "")
		exchange(t, s.dial(t, nil), "one is allowed")
	})
}

// A WebSocket that nobody reads, at either end, does not stop the others.
func TestAWebSocketThatNobodyReadsDoesNotStopTheOthers(t *testing.T) {
	s := serve(t, h3.QUICConfig(10, 64<<10), h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		if r.Header.Get("X-Flood") == "" {
			echo(c)
			return
		}
		for c.Write(bg, websocket.MessageBinary, make([]byte, 64<<10)) == nil {
		}
	})))
	s.transport.QUICConfig = h3.QUICConfig(10, 64<<10)
	s.transport.MaxStreams = 10
	for range 9 { // neither end reads
		c := s.dial(t, &websocket.DialOptions{HTTPHeader: http.Header{"X-Flood": {"1"}}})
		for { // until the windows are full
			ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
			err := c.Write(ctx, websocket.MessageBinary, make([]byte, 64<<10))
			if cancel(); err != nil {
				break
			}
		}
	}
	c := s.dial(t, nil)
	for range 20 {
		exchange(t, c, strings.Repeat("x", 200<<10))
	}
}

func TestWhatIsNotOffered(t *testing.T) {
	plain := httptest.NewServer(accept(t, nil, echo))
	defer plain.Close()
	for name, tc := range map[string]struct {
		transport func(t *testing.T) (*h3.Transport, string)
		want      string
	}{
		"ws": {func(t *testing.T) (*h3.Transport, string) {
			return &h3.Transport{}, "ws://" + plain.Listener.Addr().String()
		}, "use wss"},
		"no extended CONNECT": {func(t *testing.T) (*h3.Transport, string) {
			p := hostile(t, http3.NextProtoH3, func(p *peer) { p.settings(); <-p.Context().Done() })
			return p.transport, p.url
		}, "SETTINGS_ENABLE_CONNECT_PROTOCOL"},
		"another protocol": {func(t *testing.T) (*h3.Transport, string) {
			p := hostile(t, "other", func(p *peer) {})
			return p.transport, p.url
		}, "another protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			transport, url := tc.transport(t)
			_, _, err := websocket.Dial(bg, url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
			if !errors.Is(err, h3.ErrNotOffered) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestNobodyIsThere(t *testing.T) {
	socket := listen(t) // and nobody answers
	transport := &h3.Transport{ConnectTimeout: 50 * time.Millisecond}
	url := "wss://" + socket.LocalAddr().String()
	_, _, err := websocket.Dial(bg, url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, h3.ErrNotOffered) {
		t.Error(err)
	}
}

func TestFallback(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			echo(c)
		}
	}))
	defer s.Close()
	tries := 0
	h1 := s.Client().Transport.(*http.Transport)
	transport := &h3.Transport{Fallback: h1, Dial: func(context.Context, string, *tls.Config, *quic.Config) (*quic.Conn, error) {
		tries++
		return nil, errors.New("no UDP here")
	}}
	for range 2 {
		c, resp, err := websocket.Dial(bg, s.URL, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
		if err != nil || resp.StatusCode != 101 {
			t.Fatal(err)
		}
		exchange(t, c, "hello")
		c.Close(websocket.StatusNormalClosure, "")
	}
	if tries != 1 {
		t.Errorf("%d tries of QUIC, want one in ten minutes", tries)
	}
	transport = &h3.Transport{Dial: transport.Dial}
	if _, _, err := websocket.Dial(bg, s.URL, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}); err == nil || !strings.Contains(err.Error(), "no UDP here") {
		t.Errorf("without Fallback: %v", err)
	}
}

// A request that the server has not looked at is sent again.
func TestARejectedStreamIsTriedAgain(t *testing.T) {
	streams := make(chan int, 10)
	p := hostile(t, http3.NextProtoH3, func(p *peer) {
		p.settings(0x8, 1) // SETTINGS_ENABLE_CONNECT_PROTOCOL
		for n := 1; ; n++ {
			s, err := p.AcceptStream(bg)
			if err != nil {
				return
			}
			streams <- n
			code := quic.StreamErrorCode(http3.ErrCodeRequestRejected)
			if n == 3 {
				code = quic.StreamErrorCode(http3.ErrCodeInternalError)
			}
			s.CancelRead(code)
			s.CancelWrite(code)
		}
	})
	_, _, err := websocket.Dial(bg, p.url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: p.transport}})
	if e, ok := errors.AsType[*h3.StreamError](err); !ok || e.Code != http3.ErrCodeInternalError || len(streams) != 3 {
		t.Errorf("%v after %d requests", err, len(streams))
	}
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	s := serve(t, nil, accept(t, nil, echo))
	s.transport.IdleTimeout = time.Millisecond
	var conn *quic.Conn
	s.transport.Dial = func(ctx context.Context, addr string, tlsConfig *tls.Config, config *quic.Config) (c *quic.Conn, err error) {
		conn, err = quic.DialAddr(ctx, addr, tlsConfig, config)
		return conn, err
	}
	s.dial(t, nil).Close(websocket.StatusNormalClosure, "")
	<-conn.Context().Done()
	if e, ok := errors.AsType[*quic.ApplicationError](context.Cause(conn.Context())); !ok || e.Remote || http3.ErrCode(e.ErrorCode) != http3.ErrCodeNoError {
		t.Error(context.Cause(conn.Context()))
	}
	exchange(t, s.dial(t, nil), "a new one")
}

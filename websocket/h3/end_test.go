package h3_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
)

// lost checks that a WebSocket was ended by its transport, and returns what that has
// said.
func lost[E error](t *testing.T, err error) (e E) {
	t.Helper()
	c, ok := errors.AsType[*websocket.ConnError](err)
	if !ok || c.By != websocket.EndedByTransport || c.Code != ws.StatusAbnormalClosure {
		t.Errorf("%T: %v", err, err)
	}
	if e, ok = errors.AsType[E](err); !ok {
		t.Fatalf("no %T in %v", e, err)
	}
	return e
}

func endOf(c *websocket.Conn) error {
	_, _, err := c.Read(bg)
	return err
}

// hold has a server wait for the end of its connections, and tell it.
func hold(t *testing.T) (*server, chan error) {
	ended := make(chan error, 100)
	return serve(t, nil, holding(t, ended)), ended
}

func holding(t *testing.T, ended chan<- error) http.Handler {
	return accept(t, nil, func(c *websocket.Conn) error {
		err := c.Write(bg, websocket.MessageText, []byte("open"))
		if err == nil {
			err = endOf(c)
		}
		ended <- err
		return nil
	})
}

func (s *server) open(t *testing.T) *websocket.Conn {
	t.Helper()
	c := s.dial(t, nil)
	if _, p, err := c.Read(bg); err != nil || string(p) != "open" {
		t.Fatalf("%q, %v", p, err)
	}
	return c
}

// A client that resets its stream.
func TestAResetByTheClient(t *testing.T) {
	s, ended := hold(t)
	other := s.open(t)
	conn, err := quic.DialAddr(bg, s.addr, http3.ConfigureTLSConfig(s.transport.TLSClientConfig), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseWithError(0, "")
	stream, err := (&http3.Transport{}).NewClientConn(conn).OpenRequestStream(bg)
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodConnect, "https://server.example/", nil)
	req.Proto, req.Header = "websocket", http.Header{"Sec-Websocket-Version": {"13"}}
	if err := stream.SendRequestHeader(req); err != nil {
		t.Fatal(err)
	}
	if resp, err := stream.ReadResponse(); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	stream.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
	if e := lost[*h3.StreamError](t, <-ended); e.Code != http3.ErrCodeRequestCanceled || !e.ByPeer {
		t.Errorf("%+v", e)
	}
	if err := other.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestAResetByTheServer(t *testing.T) {
	connected := make(chan struct{})
	p := hostile(t, http3.NextProtoH3, func(p *peer) {
		s := p.open()
		<-connected
		s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeInternalError))
		<-p.Context().Done()
	})
	c, _, err := websocket.Dial(bg, p.url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: p.transport}})
	if err != nil {
		t.Fatal(err)
	}
	close(connected)
	if e := lost[*h3.StreamError](t, endOf(c)); e.Code != http3.ErrCodeInternalError || !e.ByPeer {
		t.Errorf("%+v", e)
	}
}

// CloseNow ends both directions, as the end of a TCP connection does.
func TestCloseNow(t *testing.T) {
	s, ended := hold(t)
	c := s.open(t)
	c.CloseNow()
	lost[*websocket.ConnError](t, <-ended)
	s = serve(t, nil, accept(t, nil, func(c *websocket.Conn) error { return c.CloseNow() }))
	lost[*websocket.ConnError](t, endOf(s.dial(t, nil)))
}

func TestTheServerEndsTheConnection(t *testing.T) {
	s, ended := hold(t)
	c := s.open(t)
	s.Close()
	if e := lost[*h3.ConnError](t, endOf(c)); e.Code != http3.ErrCodeNoError || !e.ByPeer {
		t.Errorf("%+v", e)
	}
	if e := lost[*h3.ConnError](t, <-ended); e.ByPeer {
		t.Errorf("%+v", e)
	}
}

// A client whose packets do not arrive any more. In a bubble: a busy machine may keep
// real packets back for longer than the server waits.
func TestLossOfTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		ended := make(chan error, 1)
		s := serveInMemory(t, &n, &quic.Config{MaxIdleTimeout: time.Second}, holding(t, ended))
		socket := n.socket()
		s.transport.QUICConfig = &quic.Config{KeepAlivePeriod: 100 * time.Millisecond}
		s.transport.Dial = func(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
			return quic.Dial(ctx, socket, addrOf(1), tlsConfig, config)
		}
		c := s.open(t)
		socket.Close()
		if e := lost[*h3.ConnError](t, endOf(c)); e.ByPeer {
			t.Errorf("%+v", e)
		}
		e := lost[*h3.ConnError](t, <-ended)
		if _, ok := errors.AsType[*quic.IdleTimeoutError](e.Err); !ok {
			t.Errorf("the server: %v", e.Err)
		}
	})
}

// GOAWAY: what is open goes on, and new ones get another connection.
func TestGoAway(t *testing.T) {
	s := serve(t, nil, accept(t, nil, echo))
	c := s.dial(t, nil)
	exchange(t, c, "before")
	s.transport.ConnectTimeout = 100 * time.Millisecond // nobody answers then
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(bg) }()
	for { // until the client has heard of it, and the server takes nothing more
		other, _, err := s.tryDial(bg, nil)
		if err != nil {
			break
		}
		other.CloseNow()
	}
	exchange(t, c, "after")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A server that goes away takes no Dial with it, however many connections to it have
// room: a new one is made.
func TestADialFindsANewConnectionBesideManyThatGoAway(t *testing.T) {
	var there atomic.Int64
	old := serve(t, nil, accept(t, nil, echo))
	young := serve(t, nil, accept(t, nil, func(c *websocket.Conn) error { there.Add(1); return echo(c) }))
	var to atomic.Value
	to.Store(old.addr)
	tr := old.transport
	tr.MaxStreams = 2
	tr.Dial = func(ctx context.Context, _ string, c *tls.Config, q *quic.Config) (*quic.Conn, error) {
		return quic.DialAddr(ctx, to.Load().(string), c, q)
	}
	var all []*websocket.Conn
	for range 16 { // on eight connections
		all = append(all, old.dial(t, nil))
	}
	for i := 0; i < len(all); i += 2 { // there is room on each
		all[i].CloseNow()
	}
	to.Store(young.addr)
	done := make(chan error, 1)
	go func() { done <- old.Shutdown(bg) }()
	for there.Load() == 0 {
		c, _, err := old.tryDial(bg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(bg, websocket.MessageText, []byte("x")); err == nil {
			c.Read(bg)
		}
		c.CloseNow()
	}
	for i := 1; i < len(all); i += 2 {
		all[i].CloseNow()
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCancelledCallsLeaveTheConnection(t *testing.T) {
	s := serve(t, nil, accept(t, nil, func(c *websocket.Conn) error {
		for range 3 {
			ctx, cancel := context.WithTimeout(bg, time.Millisecond)
			_, _, err := c.Read(ctx)
			if cancel(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the server: %v", err)
			}
		}
		c.Write(bg, websocket.MessageText, []byte("now"))
		return echo(c)
	}))
	c := s.dial(t, nil)
	if _, p, err := c.Read(bg); err != nil || string(p) != "now" {
		t.Fatalf("%q, %v", p, err)
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(bg, time.Millisecond)
		_, _, err := c.Read(ctx)
		if cancel(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the client: %v", err)
		}
	}
	exchange(t, c, "still there")
}

func TestADialThatIsCancelled(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	s := serve(t, nil, h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Wait") != "" {
			close(asked)
			<-r.Context().Done() // which the client's reset ends
			close(release)
			return
		}
		if c, err := websocket.Accept(w, r, nil); err == nil {
			echo(c)
		}
	})))
	other := s.dial(t, nil)
	ctx, cancel := context.WithCancel(bg)
	go func() { <-asked; cancel() }()
	if _, _, err := s.tryDial(ctx, &websocket.DialOptions{HTTPHeader: http.Header{"X-Wait": {"1"}}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-release
	exchange(t, other, "goes on")
}

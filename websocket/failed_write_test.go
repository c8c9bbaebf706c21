package websocket_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// farewell is what a peer sends before it ends the transport: two messages, and
// a close frame with 1008 (03 f0) and a reason.
func farewell(client bool) (b []byte) {
	for _, f := range []ws.Frame{
		ws.NewFrame(ws.OpText, true, []byte("one")),
		ws.NewFrame(ws.OpBinary, true, []byte("two")),
		ws.NewFrame(ws.OpClose, true, []byte("\x03\xf0not today")),
	} {
		if client {
			f = ws.MaskFrameWith(f, [4]byte{1, 2, 3, 4})
		}
		b = ws.AppendFrame(b, f)
	}
	return b
}

// The ways to a connection whose peer has said farewell and ended the transport.
var leftBehind = map[string]func(t *testing.T, secure bool) *websocket.Conn{
	"Dial":       dialToOneThatLeaves,
	"Accept":     acceptOneThatLeaves,
	"AcceptConn": acceptConnOfOneThatLeaves,
}

func dialToOneThatLeaves(t *testing.T, secure bool) *websocket.Conn {
	left := make(chan bool)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.HTTPUpgrader{}.Upgrade(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		conn.Write(farewell(false))
		conn.Close()
		close(left)
	}))
	if s.Start(); secure {
		s.Close()
		s = httptest.NewUnstartedServer(s.Config.Handler)
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	c := dial(t, s.URL, &websocket.DialOptions{HTTPClient: s.Client()})
	<-left
	return c
}

func acceptOneThatLeaves(t *testing.T, secure bool) *websocket.Conn {
	accepted := make(chan *websocket.Conn, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}))
	var client net.Conn
	var err error
	if secure {
		s.StartTLS()
		client, err = tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	} else {
		s.Start()
		client, err = net.Dial("tcp", s.Listener.Addr().String())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	client.Write(wstest.GoodRequest().Bytes())
	skipHead(t, client)
	c := <-accepted
	t.Cleanup(func() { c.CloseNow() })
	client.Write(farewell(true))
	client.Close()
	return c
}

func acceptConnOfOneThatLeaves(t *testing.T, secure bool) *websocket.Conn {
	client, server := tcpPair(t)
	if secure {
		client, server = tlsOver(client, server)
	}
	c := accept(t, client, server, nil)
	client.Write(farewell(true))
	client.Close()
	return c
}

// writeUntilItFails writes until the transport refuses, and returns its error.
func writeUntilItFails(t *testing.T, c *websocket.Conn) error {
	t.Helper()
	ctx := within(t)
	for {
		err := c.Write(ctx, websocket.MessageText, []byte("x"))
		if err != nil {
			var end *websocket.ConnError
			if !errors.As(err, &end) || end.By != websocket.EndedByTransport || end.Err == nil {
				t.Fatalf("the write that fails: %v", err)
			}
			return end.Err
		}
		runtime.Gosched()
	}
}

// The forms of reading: each returns what came, and why no more does.
var readingForms = map[string]func(ctx context.Context, c *websocket.Conn) (string, error){
	"Read": func(ctx context.Context, c *websocket.Conn) (got string, err error) {
		for {
			_, p, err := c.Read(ctx)
			if err != nil {
				return got, err
			}
			got += string(p) + " "
		}
	},
	"Reader": func(ctx context.Context, c *websocket.Conn) (got string, err error) {
		for {
			_, r, err := c.Reader(ctx)
			if err != nil {
				return got, err
			}
			p, err := io.ReadAll(r)
			if err != nil {
				return got, err
			}
			got += string(p) + " "
		}
	},
	"Serve": func(ctx context.Context, c *websocket.Conn) (got string, err error) {
		err = c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
			got += string(p) + " "
			return nil
		})
		return got, err
	},
}

// A write that fails ends writing. What the peer sent before it left is read,
// its close frame is why the connection has ended, and the failed write is found
// beside it.
func TestAFailedWriteLeavesWhatHasArrived(t *testing.T) {
	for way, open := range leftBehind {
		for form, read := range readingForms {
			for _, secure := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, TLS %t", way, form, secure), func(t *testing.T) {
					c := open(t, secure)
					failed := writeUntilItFails(t, c)
					if err := c.Ping(within(t)); !errors.Is(err, failed) {
						t.Errorf("a Ping after it: %v", err)
					}
					if _, err := c.Writer(within(t), websocket.MessageText); !errors.Is(err, failed) {
						t.Errorf("a Writer after it: %v", err)
					}
					got, err := read(within(t), c)
					if got != "one two " {
						t.Errorf("read: %q", got)
					}
					var end *websocket.ConnError
					if !errors.As(err, &end) || end.By != websocket.EndedByPeer || websocket.StatusCode(end.Code) != websocket.StatusPolicyViolation || end.Reason != "not today" || !end.Clean() {
						t.Errorf("%#v", err)
					}
					if !errors.Is(err, failed) || websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
						t.Errorf("%v, without the write: %v", err, failed)
					}
					if again := c.Write(within(t), websocket.MessageText, nil); again != err {
						t.Errorf("a Write after the end: %v", again)
					}
				})
			}
		}
	}
}

// A Close or an error of a handler after a failed write finds out why the peer
// has left, too.
func TestACloseAfterAFailedWriteTellsWhyThePeerHasLeft(t *testing.T) {
	for way, open := range leftBehind {
		for name, end := range map[string]func(c *websocket.Conn) error{
			"Close": func(c *websocket.Conn) error { return c.Close(websocket.StatusNormalClosure, "") },
			"Serve": func(c *websocket.Conn) error {
				return c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
					w, err := c.Writer(ctx, typ)
					if err == nil {
						err = w.Close()
					}
					return err
				})
			},
		} {
			c := open(t, false)
			failed := writeUntilItFails(t, c)
			if err := end(c); websocket.CloseStatus(err) != websocket.StatusPolicyViolation || !errors.Is(err, failed) {
				t.Errorf("%s, %s: %v", way, name, err)
			}
		}
	}
}

// failingConn is a transport that cannot be written to any more.
type failingConn struct {
	net.Conn
	fail chan struct{}
}

func (c failingConn) Write(p []byte) (int, error) {
	select {
	case <-c.fail:
		return 0, &net.OpError{Op: "write", Err: errReset}
	default:
		return c.Conn.Write(p)
	}
}

// A peer that goes on sending, or does nothing, after a write has failed is not
// read from for ever: what waits then waits for five seconds.
func TestReadingAfterAFailedWriteIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		fail := make(chan struct{})
		c := accept(t, client, failingConn{server, fail}, nil)
		read := make(chan error, 1)
		go func() {
			_, _, err := c.Read(context.Background())
			read <- err
		}()
		close(fail)
		if err := c.Write(context.Background(), websocket.MessageText, []byte("x")); !errors.Is(err, errReset) {
			t.Error(err)
		}
		took := stopwatch()
		err := <-read
		if !errors.Is(err, websocket.EndedByTransport) || !errors.Is(err, errReset) || strings.Contains(err.Error(), "too long") {
			t.Error(err)
		}
		if d := took(); d.Seconds() != 5 {
			t.Errorf("after %v", d)
		}
	})
}

// Once a write has failed, the end has to come within five seconds, whatever ReadTimeout
// grants to a peer that is silent.
func TestAFailedWriteBoundsServeDespiteItsReadTimeout(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes five seconds")
	}
	far, near := unixPair(t)
	c, err := websocket.New(near, websocket.Params{Options: &websocket.AcceptOptions{ReadTimeout: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	far.(*net.UnixConn).CloseRead()
	far.Write([]byte{0x82, 0x81, 0, 0, 0, 0, 'x'})
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		c.Write(ctx, typ, make([]byte, 100<<10))
		return nil
	})
}

package interop_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// stack is a way to make a server with this module.
type stack struct {
	name string
	// start serves until the test ends, over TLS if config is not nil: an echo
	// at /echo, and what closes with the code that stands behind /close/.
	start func(t *testing.T, config *tls.Config) (echo, closer string)
}

var stacks = []stack{
	{name: "`wirews serve`", start: startServe},
	{name: "`websocket.Accept`", start: startAccept},
	{name: "`websocket.AcceptConn`", start: startAcceptConn},
	{name: "`wspoll.Server`", start: startPoll},
}

// closeReason is what comes with a close code.
func closeReason(code ws.StatusCode) string { return fmt.Sprintf("reason %d 👋", code) }

// startServe runs the server of "wirews serve", and one on package ws.
func startServe(t *testing.T, config *tls.Config) (echo, closer string) {
	o := serve.Default()
	o.TLS = config
	return startEcho(t, o), startHTTP(t, config, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := closeHTTP(w, r); err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
	}))
}

// startEcho runs the server of "wirews serve" and returns its address.
func startEcho(t *testing.T, o serve.Options) string {
	t.Helper()
	l := listen(t, nil)
	s := serve.New(o)
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// closeHTTP closes a connection with the code that the URL ends with, and looks
// at the answer.
func closeHTTP(w http.ResponseWriter, r *http.Request) error {
	code, err := closeCode(r.URL.Path)
	if err != nil {
		return err
	}
	conn, _, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	body := ws.AppendClose(nil, code, closeReason(code))
	if err := ws.WriteFrame(conn, ws.NewCloseFrame(body)); err != nil {
		return err
	}
	f, err := ws.ReadFrame(conn)
	if err != nil {
		return err
	}
	f = ws.UnmaskFrame(f)
	if got, _, err := ws.ParseClose(f.Payload); got != code || err != nil || f.Header.OpCode != ws.OpClose {
		return fmt.Errorf("the answer is %+v with %q, error %v", f.Header, f.Payload, err)
	}
	return nil
}

func closeCode(path string) (ws.StatusCode, error) {
	code, err := strconv.ParseUint(strings.TrimPrefix(path, "/close/"), 10, 16)
	return ws.StatusCode(code), err
}

// startAccept serves by websocket.Accept behind net/http, and reads message by
// message. Messages are compressed with context takeover.
func startAccept(t *testing.T, config *tls.Config) (echo, closer string) {
	addr := startHTTP(t, config, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isEndpoint(r.URL.Path) {
			fmt.Fprintln(w, "a page to connect from")
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err == nil {
			err = converse(c, r.URL.Path, pull)
		}
		if err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
	}))
	return addr, addr
}

// startAcceptConn serves by websocket.AcceptConn, without net/http, and lets
// Serve call a handler. Messages are compressed each for itself.
func startAcceptConn(t *testing.T, config *tls.Config) (echo, closer string) {
	l := listen(t, config)
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				if path, err := acceptConn(conn); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			})
		}
	})
	addr := l.Addr().String()
	return addr, addr
}

func acceptConn(conn net.Conn) (path string, err error) {
	c, err := websocket.AcceptConn(conn, &websocket.AcceptConnOptions{
		AcceptOptions: websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover},
		OnHandshake: func(r httpx.Request) error {
			path = string(r.Target)
			return nil
		},
	})
	if err != nil {
		if !isEndpoint(path) {
			err = nil // the page to connect from, or its icon, or nothing at all
		}
		return path, err
	}
	return path, converse(c, path, push)
}

// startPoll serves by package wspoll, on loops. Messages are compressed with context
// takeover.
func startPoll(t *testing.T, config *tls.Config) (echo, closer string) {
	l := listen(t, nil)
	s := &wspoll.Server{
		TLSConfig:          config,
		InsecureSkipVerify: true, // a page of this address connects through a proxy
		Limits:             wsproto.Limits{Message: readLimit},
		Compression:        new(wspoll.Compression),
		OnRequest: func(r *wspoll.Request) wspoll.Decision {
			r.Value = string(r.Target)
			return wspoll.Accept()
		},
		OnOpen: func(c *wspoll.Conn) {
			if path := c.Value().(string); path != "/echo" {
				code, err := closeCode(path)
				if err == nil {
					err = c.Close(code, closeReason(code))
				}
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		},
		OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
			if err := c.Write(op, p); err != nil {
				t.Errorf("%v: %v", c.Value(), err)
			}
		},
		OnClose: func(c *wspoll.Conn, err *wsproto.ConnError) {
			path := c.Value().(string)
			if code, _ := closeCode(path); path != "/echo" && (err.Received == nil || err.Received.Code != code) {
				t.Errorf("%s: the answer is %v", path, err)
			}
			if err := clean(err); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		},
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "a page to connect from")
	})}
	others := s.Others()
	go web.Serve(others)
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	addr := l.Addr().String()
	return addr, addr
}

func isEndpoint(path string) bool { return path == "/echo" || strings.HasPrefix(path, "/close/") }

// readLimit is a little more than the longest message has, because what cannot
// be compressed is a little longer when it has been.
var readLimit = int64(sizes[len(sizes)-1] * 101 / 100)

// converse is what happens on a connection, which its peer has to close.
func converse(c *websocket.Conn, path string, read func(context.Context, *websocket.Conn) error) error {
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.SetReadLimit(readLimit)
	if path == "/echo" {
		return clean(read(ctx, c))
	}
	code, err := closeCode(path)
	if err != nil {
		return err
	}
	// The answer comes to CloseContext, or to somebody who reads at that time.
	ended := make(chan error, 1)
	if code%2 == 1 {
		go func() { ended <- read(ctx, c) }()
	} else {
		ended <- nil
	}
	err = c.CloseContext(ctx, websocket.StatusCode(code), closeReason(code))
	<-ended
	if err != nil {
		return err
	}
	_, _, err = c.Read(ctx)
	if got := websocket.CloseStatus(err); got != websocket.StatusCode(code) {
		return fmt.Errorf("the answer is %v: %w", got, err)
	}
	return clean(err)
}

// clean returns nil for the end of a connection with a closing handshake.
func clean(err error) error {
	if end, ok := errors.AsType[*websocket.ConnError](err); ok && end.Clean() {
		return nil
	}
	return err
}

// pull is an echo that asks for each message.
func pull(ctx context.Context, c *websocket.Conn) error {
	for {
		typ, p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return err
		}
	}
}

// push is an echo that is called for each message.
func push(ctx context.Context, c *websocket.Conn) error {
	return c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// startHTTP serves h until the test ends, waits for all that is left of it
// then, and returns the address.
func startHTTP(t *testing.T, config *tls.Config, h http.Handler) string {
	t.Helper()
	var all sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.Add(1)
		defer all.Done()
		h.ServeHTTP(w, r)
	}))
	if config == nil {
		s.Start()
	} else {
		s.TLS = config
		s.StartTLS()
	}
	t.Cleanup(func() {
		s.Close() // which does not wait for connections that were taken over
		all.Wait()
	})
	return s.Listener.Addr().String()
}

func listen(t *testing.T, config *tls.Config) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	return l
}

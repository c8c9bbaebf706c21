package websocket_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
)

// opening is an OnOpen that tells what it has seen.
type opening struct {
	values chan any
	conns  chan *websocket.Conn
	ends   chan *websocket.ConnError
}

func newOpening() *opening {
	return &opening{make(chan any, 9), make(chan *websocket.Conn, 9), make(chan *websocket.ConnError, 9)}
}

func (o *opening) open(ctx context.Context, c *websocket.Conn) func(*websocket.ConnError) {
	if ctx.Done() != nil {
		o.values <- "it can end"
	}
	o.values <- ctx.Value(key{})
	o.conns <- c
	return func(end *websocket.ConnError) { o.ends <- end }
}

// Each way to make a connection calls OnOpen before it returns, and what that has
// returned once, before the call that ends the connection returns.
func TestOnOpenIsToldOfTheBeginningAndOfTheEnd(t *testing.T) {
	server, client := newOpening(), newOpening()
	handled := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(handled)
		r = r.WithContext(context.WithValue(r.Context(), key{}, "request"))
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnOpen: server.open})
		if err != nil {
			return
		}
		if <-server.conns != c {
			t.Error("OnOpen was given another connection")
		}
		_, _, err = c.Read(context.Background())
		if end := <-server.ends; err != end || !errors.Is(end, websocket.EndedByPeer) {
			t.Errorf("told %v, Read returned %v", end, err)
		}
		c.CloseNow()
	}))
	defer s.Close()
	ctx := context.WithValue(within(t), key{}, "dial")
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{OnOpen: client.open})
	if err != nil {
		t.Fatal(err)
	}
	if <-client.conns != c {
		t.Error("OnOpen was given another connection")
	}
	c.Close(4001, "bye")
	c.CloseNow()
	if end := <-client.ends; !errors.Is(end, websocket.EndedByUs) || end.Code != 4001 || end.Received == nil {
		t.Errorf("told %v", end)
	}
	<-handled
	if len(server.ends)+len(client.ends) > 0 {
		t.Error("one of them is told twice")
	}
	if s, c := <-server.values, <-client.values; s != "request" || c != "dial" {
		t.Errorf("the values are %v and %v", s, c)
	}
}

func TestOnOpenOfAcceptConn(t *testing.T) {
	for name, pair := range transports {
		o := newOpening()
		client, server := pair(t)
		c := accept(t, client, server, &websocket.AcceptOptions{OnOpen: o.open})
		if got := <-o.conns; got != c {
			t.Errorf("%s: another connection", name)
		}
		c.CloseNow()
		if end := <-o.ends; !errors.Is(end, websocket.EndedByUs) || <-o.values != nil {
			t.Errorf("%s: told %v", name, end)
		}
		client.Close()
	}
}

// A handshake that fails opens nothing.
func TestOnOpenIsNotCalledForARefusal(t *testing.T) {
	o := newOpening()
	ask(t, &websocket.AcceptOptions{OnOpen: o.open}, wstest.GoodRequest().With("Origin: https://evil.example.org").Bytes())
	if len(o.conns) > 0 {
		t.Error("OnOpen was called")
	}
}

// The end is told to whoever has ended the connection in OnOpen itself, and to
// nobody where there is nobody.
func TestAConnectionThatEndsInOnOpen(t *testing.T) {
	for _, wants := range []bool{true, false} {
		var told atomic.Int32
		near, far := net.Pipe()
		c := accept(t, far, near, &websocket.AcceptOptions{
			OnOpen: func(_ context.Context, c *websocket.Conn) func(*websocket.ConnError) {
				c.CloseNow()
				if !wants {
					return nil
				}
				return func(*websocket.ConnError) { told.Add(1) }
			},
		})
		if _, _, err := c.Read(within(t)); !errors.Is(err, websocket.EndedByUs) || told.Load() == 1 != wants {
			t.Errorf("%v, told %d times", err, told.Load())
		}
		far.Close()
	}
}

// All methods can be called there, and return at once.
func TestOnEndMayCallTheConnection(t *testing.T) {
	for name, pair := range transports {
		for by, end := range ends {
			done := make(chan bool)
			var c *websocket.Conn
			client, server := pair(t)
			c = accept(t, client, server, &websocket.AcceptOptions{
				OnOpen: func(_ context.Context, c *websocket.Conn) func(*websocket.ConnError) {
					return func(end *websocket.ConnError) {
						defer close(done)
						ctx := context.Background()
						_, _, read := c.Read(ctx)
						for call, err := range map[string]error{
							"Read":       read,
							"Write":      c.Write(ctx, websocket.MessageText, nil),
							"Ping":       c.Ping(ctx),
							"Close":      c.Close(1000, ""),
							"CloseLater": c.CloseLater(1000, ""),
							"Context":    context.Cause(c.Context(ctx)),
						} {
							if !errors.Is(err, by) && call != "Read" || err == nil { // Serve may still have the turn to read
								t.Errorf("%s, %v, %s: %v", name, by, call, err)
							}
						}
					}
				},
			})
			go c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
			go func() {
				for b := make([]byte, 100); ; {
					if _, err := client.Read(b); err != nil {
						client.Close()
						return
					}
				}
			}()
			end(c, client)
			<-done
		}
	}
}

func TestAPanicInOnOpenEndsTheConnection(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	go far.Write(wstest.GoodRequest().Bytes())
	closed := make(chan bool)
	go func() {
		defer close(closed)
		for b := make([]byte, 1000); ; {
			if _, err := far.Read(b); err != nil {
				return
			}
		}
	}()
	func() {
		defer func() {
			if recover() != "open" {
				t.Error("the panic is lost")
			}
		}()
		opts := &websocket.AcceptConnOptions{}
		opts.OnOpen = func(context.Context, *websocket.Conn) func(*websocket.ConnError) { panic("open") }
		websocket.AcceptConn(near, opts)
	}()
	<-closed
}

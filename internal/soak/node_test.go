package soak

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// service is a server that has not begun.
type service struct {
	serve    func(net.Listener) error
	shutdown func(context.Context) error
}

// node is a server that can be shut down and begun anew, at another port then.
type node struct {
	t     testing.TB
	begin func() service

	mu      sync.Mutex
	changes int           // odd: it is being restarted, or has been stopped
	ready   chan struct{} // closed: it is there
	addr    string
	service service
	served  chan struct{}
}

func newNode(t testing.TB, begin func() service) *node {
	n := &node{t: t, begin: begin, changes: 1, ready: make(chan struct{})}
	n.start()
	return n
}

func (n *node) start() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		n.t.Fatal(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addr, n.service, n.served = l.Addr().String(), n.begin(), make(chan struct{})
	go func(served chan struct{}, serve func(net.Listener) error) {
		defer close(served)
		serve(l) // the error is that it was shut down
	}(n.served, n.service.serve)
	n.changes++
	close(n.ready)
}

// stop shuts the server down, in which peers have a second to answer.
func (n *node) stop() {
	n.mu.Lock()
	n.changes++
	n.ready = make(chan struct{})
	s, served := n.service, n.served
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.shutdown(ctx) // the error is that a client has not answered, as one that vanishes
	<-served
}

func (n *node) restart() {
	n.stop()
	n.start()
}

// where waits until the server is there, and returns its address and a number that is
// another one once it has been told to end.
func (n *node) where(ctx context.Context) (addr string, state int) {
	for ctx.Err() == nil {
		n.mu.Lock()
		addr, state, ready := n.addr, n.changes, n.ready
		n.mu.Unlock()
		if state%2 == 0 {
			return addr, state
		}
		select {
		case <-ready:
		case <-ctx.Done():
		}
	}
	return "", 0
}

// steady reports whether the server has been there since where returned state.
func (n *node) steady(state int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changes == state
}

// readLimit is more than any message has.
const readLimit = 1 << 20

// accepting is how a websocket.Server accepts. Its patience is that of a busy machine.
func accepting() websocket.AcceptConnOptions {
	return websocket.AcceptConnOptions{
		HandshakeTimeout: patience,
		AcceptOptions:    websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover},
	}
}

// echo is a Handler.
func echo(ctx context.Context, c *websocket.Conn) {
	c.SetReadLimit(readLimit)
	for {
		typ, p, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, typ, p)
		}
		if err != nil {
			return
		}
	}
}

func echoByWebsocket() service {
	s := &websocket.Server{Handler: echo, Options: accepting()}
	return service{s.Serve, func(ctx context.Context) error { _, err := s.Shutdown(ctx); return err }}
}

func echoByNetHTTP() service {
	return byNetHTTP(&websocket.Server{Handler: echo, Options: accepting()})
}

// byNetHTTP is s in a server of net/http.
func byNetHTTP(s *websocket.Server) service {
	h := &http.Server{Handler: s}
	return service{h.Serve, func(ctx context.Context) error {
		_, err := s.Shutdown(ctx)
		if err != nil {
			h.Close()
			return err
		}
		if err = h.Shutdown(ctx); err != nil {
			h.Close()
		}
		return err
	}}
}

func echoByWspoll() service {
	s := &wspoll.Server{
		Loops:            2,
		Compression:      new(wspoll.Compression),
		HandshakeTimeout: patience, StallTimeout: patience,
		OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) },
		// Clients that read slowly are not to be given up.
		Queue: wsproto.Queue{Bytes: 64 << 20, Messages: 1 << 20},
	}
	return byLoops(s)
}

func byLoops(s *wspoll.Server) service {
	return service{s.Serve, func(ctx context.Context) error { _, err := s.Shutdown(ctx); return err }}
}

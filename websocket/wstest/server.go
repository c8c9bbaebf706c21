package wstest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Server is a server in memory, and knows how to reach it. It lives in bubbles of
// testing/synctest.
type Server struct {
	// URL is "ws://server.example". Whatever the host is, requests that Client and
	// Options make reach this server. It may be changed: to "wss://..." for a
	// server that speaks TLS.
	URL string

	// Listener is what the server accepts connections of.
	Listener *Listener

	// Transport is that of Client and Options. It takes every certificate. It may
	// be changed before it is used.
	Transport *http.Transport

	t testing.TB

	mu    sync.Mutex
	conns []net.Conn // of Transport, the clients' ends
}

// Serve serves h in memory until the test ends. Then it closes the connections that
// have been made to it, and waits for the handlers that run.
func Serve(t testing.TB, h http.Handler) *Server {
	t.Helper()
	handlers := &running{h: h}
	t.Cleanup(handlers.wait) // after what Start does
	server := &http.Server{Handler: handlers}
	return Start(t, server.Serve, server.Close)
}

// running is a handler that knows how often it runs.
type running struct {
	h http.Handler

	mu      sync.Mutex
	n       int
	changed bell
}

func (r *running) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.add(1)
	defer r.add(-1)
	r.h.ServeHTTP(w, req)
}

func (r *running) add(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n += n
	r.changed.ring()
}

// wait waits until it does not run.
func (r *running) wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.n > 0 {
		changed := r.changed.next()
		r.mu.Unlock()
		<-changed
		r.mu.Lock()
	}
}

// Start runs a server of any kind in memory until the test ends. serve is to accept
// connections until stop is called, as the methods of http.Server do:
//
//	wstest.Start(t, httpServer.Serve, httpServer.Close)
func Start(t testing.TB, serve func(net.Listener) error, stop func() error) *Server {
	t.Helper()
	s := newServer(t)
	var serving sync.WaitGroup
	serving.Go(func() { serve(s.Listener) })
	t.Cleanup(func() {
		stop()
		s.close()
		serving.Wait()
	})
	return s
}

// ServeScript is a server that does what a test tells it: each connection is played
// by script, in a goroutine of its own, and closed when script returns. The test
// does not end before they have. In there, fail by t.Error and not by t.Fatal.
func ServeScript(t testing.TB, script func(server *Script)) *Server {
	t.Helper()
	s := newServer(t)
	var playing sync.WaitGroup
	playing.Go(func() {
		for {
			conn, err := s.Listener.Accept()
			if err != nil {
				return
			}
			playing.Go(func() {
				defer conn.Close()
				peer := newScript(t, conn, ws.StateServerSide)
				peer.alone = true
				peer.failed = func() { s.Listener.Close() } // a client that comes back would have it fail again and again
				script(peer)
			})
		}
	})
	t.Cleanup(func() {
		s.close()
		playing.Wait()
	})
	return s
}

func newServer(t testing.TB) *Server {
	s := &Server{URL: baseURL, Listener: NewListener(0), t: t}
	s.Transport = &http.Transport{
		DialContext:     s.dial,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	return s
}

// dial connects for the Transport.
func (s *Server) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := s.Listener.DialContext(ctx, network, addr)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conns = append(s.conns, conn)
	}
	return conn, err
}

// close ends whatever goes on between the server and those that have connected.
func (s *Server) close() {
	s.Listener.Close() // if nobody has
	s.Transport.CloseIdleConnections()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		conn.Close()
	}
}

// Client returns a client whose requests reach the server.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Options returns a copy of opts, or of the defaults for nil, by which websocket.Dial
// reaches the server:
//
//	c, resp, err := websocket.Dial(ctx, s.URL+"/chat", s.Options(nil))
func (s *Server) Options(opts *websocket.DialOptions) *websocket.DialOptions {
	return withTransport(opts, s.Transport)
}

// Dial connects to a path, such as "/chat", and ends the test if that fails. The
// connection is closed by CloseNow when the test ends.
func (s *Server) Dial(path string, opts *websocket.DialOptions) *websocket.Conn {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, s.URL+path, s.Options(opts))
	if err != nil {
		s.t.Fatalf("wstest: %v", err)
	}
	s.t.Cleanup(func() { c.CloseNow() })
	return c
}

// Connect connects a client that does what the test tells it, from the handshake on.
func (s *Server) Connect() *Script {
	s.t.Helper()
	conn, err := s.Listener.Dial()
	if err != nil {
		s.t.Fatalf("wstest: %v", err)
	}
	return NewScript(s.t, conn, ws.StateClientSide)
}

// Script is Connect with the handshake done for a path, such as "/chat".
func (s *Server) Script(path string) *Script {
	s.t.Helper()
	peer := s.Connect()
	peer.Upgrade(path)
	return peer
}

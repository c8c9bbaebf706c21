package serve

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve/page"
	"github.com/wirews/wirews/websocket"
)

// Server serves the page at /, the WebSocket endpoints /echo, /time and /chat,
// its health at /healthz and its counters at /debug/vars and, for Prometheus, at
// /metrics. Its methods may be called concurrently.
type Server struct {
	options  Options
	http     *http.Server
	accept   *websocket.AcceptOptions
	messages *websocket.Budget // what connections hold of unfinished messages
	rooms    rooms
	vars     vars
	counters websocket.Counters

	closing event // Shutdown was called
	cut     event // and its time is over

	mu     sync.Mutex
	places int           // taken by sessions, and by handshakes that may become one
	empty  chan struct{} // closed once closing and no place is taken
}

// event is something that happens once, for the whole server.
type event struct {
	context.Context
	happen context.CancelFunc
}

func newEvent() (e event) {
	e.Context, e.happen = context.WithCancel(context.Background())
	return e
}

func (e event) happened() bool { return e.Err() != nil }

// New returns a Server; Serve starts it.
func New(o Options) *Server {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	s := &Server{
		options: o,
		vars:    vars{started: time.Now()},
		closing: newEvent(),
		cut:     newEvent(),
		empty:   make(chan struct{}),
	}
	if s.messages = websocket.NewBudget(o.MessageMemory); o.MessageMemory <= 0 {
		s.messages = websocket.NewBudget(math.MaxInt64) // it counts all the same
	}
	s.accept = o.accept(s.messages)
	s.accept.Counters = &s.counters
	mux := http.NewServeMux()
	mux.Handle("/", securely(http.FileServerFS(page.Files)))
	mux.HandleFunc("/healthz", s.healthz)
	if !o.HideVars {
		mux.HandleFunc("/debug/vars", s.serveVars)
		mux.Handle("/metrics", s.metrics())
	}
	s.handle(mux, endpoint{"/echo", o.limit(), prepareEcho})
	s.handle(mux, endpoint{"/time", o.small(), prepareClock})
	s.handle(mux, endpoint{"/chat", o.small(), s.prepareChat})
	s.http = &http.Server{
		Handler: mux,
		// It bounds the wait for a body and for the next request, too.
		ReadTimeout:    o.Handshake,
		WriteTimeout:   o.WriteTimeout,
		MaxHeaderBytes: o.MaxHead,
		TLSConfig:      o.TLS.Clone(), // net/http writes into it
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	return s
}

// Serve accepts connections until Shutdown is called; the error is
// http.ErrServerClosed then.
func (s *Server) Serve(l net.Listener) error {
	if s.options.TLS != nil {
		return s.http.ServeTLS(l, "", "")
	}
	return s.http.Serve(l)
}

// Shutdown closes every WebSocket connection with 1001 (Going Away), waits for
// the answers, and ends the server. When ctx ends first, what is left is cut
// off and the error is ctx's.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closing.happened() {
		s.closing.happen()
		s.closeIfEmpty()
	}
	s.mu.Unlock()

	err := s.http.Shutdown(ctx)
	select {
	case <-s.empty:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		s.cut.happen()
		err = errors.Join(err, s.http.Close())
	}
	return err
}

var (
	errClosing = errors.New("serve: server is shutting down")
	errFull    = errors.New("serve: too many connections")
)

// enter takes a place before the handshake is answered: afterwards it would be
// too late for MaxConns, and Shutdown would not know what it has to wait for.
func (s *Server) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing.happened():
		return errClosing
	case s.options.MaxConns > 0 && s.places >= s.options.MaxConns:
		return errFull
	}
	s.places++
	return nil
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places--
	if s.closing.happened() {
		s.closeIfEmpty()
	}
}

// closeIfEmpty is called as closing begins, and at each leave from then on:
// nobody enters any more, so it finds no place taken only once.
func (s *Server) closeIfEmpty() {
	if s.places == 0 {
		close(s.empty)
	}
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if s.closing.happened() {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

// securely serves the page's files in a way that lets no other code run in the
// page.
func securely(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}

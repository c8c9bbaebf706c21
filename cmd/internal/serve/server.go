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
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/cmd/internal/serve/page"
	"github.com/wirews/wirews/websocket"
)

// Server serves the page at /, the WebSocket endpoints /echo, /time, /chat and, if
// there is a script, /script, its health at /healthz and its counters at /debug/vars and, for Prometheus, at
// /metrics. Its methods may be called concurrently.
type Server struct {
	options  Options
	http     *http.Server
	http3    atomic.Pointer[http3.Server] // nil without ServeHTTP3
	messages *websocket.Budget            // what connections hold of unfinished messages
	rooms    *rooms
	vars     vars
	counters websocket.Counters

	sockets  websocket.Server   // of all endpoints
	chat     http.Handler       // is sockets for those that are chats
	polled   *polled            // instead of sockets, or nil
	closing  atomic.Bool        // Shutdown was called
	endTrial context.CancelFunc // has the trial that runs end, if one does
	health   health
	leave    context.CancelFunc // ends what runs with a bus
	running  sync.WaitGroup     // of that
}

// New returns a Server; Serve starts it. With a bus, Shutdown has to be called in the
// end; it does not close the bus.
func New(o Options) *Server {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	s := &Server{
		options: o,
		vars:    vars{started: time.Now()},
		rooms:   newRooms(max(1, o.ChatQueue), o.Bus, o.Node),
	}
	s.health.bus = o.Bus
	ctx, leave := context.WithCancel(context.Background())
	if s.leave = leave; o.Bus != nil {
		s.running.Go(func() { newCluster(s.rooms, o.Log).run(ctx) })
	}
	if s.messages = websocket.NewBudget(o.MessageMemory); o.MessageMemory <= 0 {
		s.messages = websocket.NewBudget(math.MaxInt64) // it counts all the same
	}
	accept := o.accept(s.messages)
	accept.Counters = &s.counters
	s.sockets.Options.AcceptOptions = *accept
	s.sockets.Handler, s.sockets.OnError = s.serve, s.refused
	s.sockets.Detach = true // which frees what net/http holds for a request
	s.sockets.MaxConns = o.MaxConns
	s.sockets.CloseReason = "server is shutting down"
	s.chat = s.sockets.With(s.rooms.accept(*accept))
	mux := http.NewServeMux()
	mux.Handle("/", s.announceHTTP3(securely(http.FileServerFS(page.Files))))
	mux.HandleFunc("/healthz", s.healthz)
	if !o.HideVars {
		mux.HandleFunc("/debug/vars", s.serveVars)
		mux.Handle("/metrics", s.metrics())
	}
	closing, endTrial := context.WithCancel(context.Background())
	s.endTrial = endTrial
	if o.Command != "" {
		t := &trials{command: o.Command, tls: o.TLS != nil, closing: closing}
		mux.Handle("POST /trials/connections", t.handler(t.connections))
		mux.Handle("POST /trials/conform", t.handler(t.conform))
		mux.HandleFunc("GET /trials/report", t.serveReport)
	}
	for _, e := range s.endpoints() {
		mux.HandleFunc(e.path, func(w http.ResponseWriter, r *http.Request) { s.upgrade(e, w, r) })
	}
	s.http = &http.Server{
		Handler: mux,
		// It bounds the wait for a body and for the next request, too.
		ReadTimeout:    o.Handshake,
		WriteTimeout:   o.WriteTimeout,
		MaxHeaderBytes: o.MaxHead,
		TLSConfig:      o.TLS.Clone(), // net/http writes into it
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	if o.HTTP2 {
		s.http.Protocols = new(http.Protocols)
		s.http.Protocols.SetHTTP1(true)
		s.http.Protocols.SetHTTP2(true)
		s.http.Protocols.SetUnencryptedHTTP2(true)
	}
	if o.Poll {
		s.polled = newPolled(s)
	}
	return s
}

// Serve accepts connections until Shutdown is called; the error is
// http.ErrServerClosed then.
func (s *Server) Serve(l net.Listener) error {
	if s.polled != nil {
		return s.polled.serve(l, s.http)
	}
	if s.options.TLS != nil {
		return s.http.ServeTLS(l, "", "")
	}
	return s.http.Serve(l)
}

// Shutdown closes every WebSocket connection with 1001 (Going Away), waits for
// the answers, and ends the server. When ctx ends first, what is left is cut
// off and the error is ctx's.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closing.Store(true)
	s.endTrial()
	_, err := s.sockets.Shutdown(ctx)
	if s.polled != nil {
		_, perr := s.polled.Shutdown(ctx)
		err = errors.Join(err, perr)
	}
	s.leave()
	s.running.Wait() // a second at most
	if err = errors.Join(err, s.http.Shutdown(ctx)); err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if h := s.http3.Load(); h != nil { // whose clients may keep their connection, without requests
		err = errors.Join(err, h.Close())
	}
	return err
}

// Stats returns what all connections have counted.
func (s *Server) Stats() websocket.Stats {
	all := s.counters.Stats()
	if s.polled != nil {
		all.Add(s.polled.Stats())
	}
	return all
}

// securely serves the page's files in a way that lets no other code run in the
// page.
func securely(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the page is only to be read", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}

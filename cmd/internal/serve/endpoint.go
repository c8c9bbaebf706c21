package serve

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/wirews/wirews/websocket"
)

// endpoint is a path at which requests are upgraded.
type endpoint struct {
	path  string
	limit int64 // of a message, in bytes; -1: none
	// prepare judges a request. What it objects to is answered with 400.
	prepare func(*http.Request) (start, error)
}

// start makes the service of a connection.
type start func(*session) service

func prepareEcho(*http.Request) (start, error) {
	return func(c *session) service { return echo{c} }, nil
}

func (s *Server) handle(mux *http.ServeMux, e endpoint) {
	mux.HandleFunc(e.path, func(w http.ResponseWriter, r *http.Request) { s.upgrade(e, w, r) })
}

// upgrade turns a request into a session.
func (s *Server) upgrade(e endpoint, w http.ResponseWriter, r *http.Request) {
	log := s.options.Log.With("remote", r.RemoteAddr, "path", e.path)
	refuse := func(err error) {
		s.vars.refused.Add(1)
		log.Warn("refused", "err", err)
	}
	start, err := e.prepare(r)
	if err != nil {
		refuse(err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.enter(); err != nil {
		refuse(err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(w, r, s.accept)
	if err != nil {
		s.leave()
		refuse(err)
		return
	}
	conn.SetReadLimit(e.limit)
	if conn.Compressed() {
		s.vars.compressed.Add(1)
	}
	c := &session{conn: conn, vars: &s.vars}
	c.service = start(c)
	// A goroutine of its own lets go of what net/http holds for a request:
	// three buffers of 4 KiB, and the request.
	go s.serve(e, c, log)
}

func (s *Server) serve(e endpoint, c *session, log *slog.Logger) {
	defer s.leave()
	// Each of these runs on a goroutine of its own: a peer that does not read
	// does not hold up the others.
	defer context.AfterFunc(s.closing, func() { c.conn.Close(websocket.StatusGoingAway, "server is shutting down") })()
	defer context.AfterFunc(s.cut, func() { c.conn.CloseNow() })()

	log.Info("open")
	s.vars.enter(e.path)
	err := c.run()
	code, well := ended(err)
	s.vars.leave(e.path, code)

	attrs := []any{"messages", c.messages, "bytes", c.bytes, "code", int(code)}
	if !well {
		log.Warn("failed", append(attrs, "err", err)...)
		return
	}
	log.Info("closed", attrs...)
}

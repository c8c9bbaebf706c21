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

// call is what the context of a connection says about its request.
type call struct {
	endpoint
	start start
	log   *slog.Logger
}

type callKey struct{}

// upgrade turns a request into a session.
func (s *Server) upgrade(e endpoint, w http.ResponseWriter, r *http.Request) {
	start, err := e.prepare(r)
	if err != nil {
		s.refused(r.RemoteAddr, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	log := s.options.Log.With("remote", r.RemoteAddr, "path", e.path)
	ctx := context.WithValue(r.Context(), callKey{}, &call{e, start, log})
	s.sockets.ServeHTTP(w, r.WithContext(ctx))
}

func (s *Server) refused(remote string, err error) {
	s.vars.refused.Add(1)
	s.options.Log.Warn("refused", "remote", remote, "err", err)
}

// serve is what happens on a connection.
func (s *Server) serve(ctx context.Context, conn *websocket.Conn) {
	e := ctx.Value(callKey{}).(*call)
	log := e.log
	conn.SetReadLimit(e.limit)
	if conn.Compressed() {
		s.vars.compressed.Add(1)
	}
	c := &session{conn: conn, vars: &s.vars}
	c.service = e.start(c)

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

package serve

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// endpoint is a path at which requests are upgraded.
type endpoint struct {
	path   string
	config *wsproto.Config // what a peer may send
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
	u := ws.HTTPUpgrader{Timeout: s.options.Handshake, Origin: s.options.Origin}
	deflate := wsflate.Extension{Budget: s.budget}
	if s.budget != nil {
		u.Negotiate = deflate.Negotiate
	}
	conn, _, _, err := u.Upgrade(r, w)
	if err != nil {
		s.leave()
		refuse(err)
		return
	}
	c := newSession(s, conn, e.config)
	if params, ok := deflate.Accepted(); ok {
		s.vars.compressed.Add(1)
		// The size that a message inflates to is bounded by e.config.
		c.compress(wsflate.New(ws.StateServerSide, params, &wsflate.Options{MaxSize: -1, Budget: s.budget}))
	}
	c.service = start(c)
	// A goroutine of its own lets go of what net/http holds for a request:
	// three buffers of 4 KiB, and the request.
	go s.serve(e, c, log)
}

func (s *Server) serve(e endpoint, c *session, log *slog.Logger) {
	defer s.leave()
	// Each of these runs on a goroutine of its own: a peer that does not read
	// does not hold up the others.
	defer context.AfterFunc(s.closing, func() { c.close(ws.StatusGoingAway, "server is shutting down") })()
	defer context.AfterFunc(s.cut, c.cut)()

	log.Info("open")
	s.vars.enter(e.path)
	code, err := c.run()
	if err != nil {
		code = wsproto.CloseCode(err)
	}
	s.vars.leave(e.path, code)

	attrs := []any{"messages", c.messages, "bytes", c.bytes, "code", uint16(code)}
	if err != nil {
		log.Warn("failed", append(attrs, "err", err)...)
		return
	}
	log.Info("closed", attrs...)
}

package serve

import (
	"context"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/websocket"
)

// endpoint is a path at which requests are upgraded.
type endpoint struct {
	path  string
	limit int64 // of a message, in bytes; -1: none
	chat  bool  // messages wait in a queue of the connection
	taps  bool  // the bytes of the connection are copied for the service
	waits bool  // the service waits: package websocket has the connection, with Poll too
	// prepare looks at the query of a request. What it objects to is answered with 400.
	prepare func(query url.Values) (start, error)
}

// start makes the service of a connection.
type start func(*session) service

func prepareEcho(url.Values) (start, error) {
	return func(c *session) service { return echo{c} }, nil
}

// endpoints are all that there are.
func (s *Server) endpoints() []endpoint {
	all := []endpoint{
		{path: "/echo", limit: s.options.limit(), prepare: prepareEcho},
		{path: "/time", limit: s.options.small(), prepare: prepareClock},
		{path: "/chat", limit: s.options.small(), chat: true, prepare: s.prepareChat},
		{path: "/frames", limit: s.options.small(), taps: true, waits: true, prepare: prepareFrames},
	}
	if script := s.options.Script; script != nil {
		all = append(all, endpoint{path: "/script", limit: s.options.limit(), waits: true, prepare: script.prepare})
	}
	return all
}

// call prepares for a connection.
func (s *Server) call(e endpoint, query url.Values, remote string) (*call, error) {
	start, err := e.prepare(query)
	if err != nil {
		return nil, err
	}
	return &call{endpoint: e, start: start, log: s.options.Log.With("remote", remote, "path", e.path)}, nil
}

type callKey struct{}

// upgrade turns a request into a connection of package websocket.
func (s *Server) upgrade(e endpoint, w http.ResponseWriter, r *http.Request) {
	to, err := s.call(e, r.URL.Query(), r.RemoteAddr)
	if err != nil {
		s.refused(r.RemoteAddr, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if e.taps {
		to.tap = new(tap)
		w = tapping{w, to.tap}
	}
	h := http.Handler(&s.sockets)
	if e.chat {
		h = s.chat
	}
	h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, to)))
}

func (s *Server) refused(remote string, err error) {
	s.vars.refused.Add(1)
	s.options.Log.Warn("refused", "remote", remote, "err", err)
}

// serve is what happens on a connection of package websocket.
func (s *Server) serve(ctx context.Context, conn *websocket.Conn) {
	e := ctx.Value(callKey{}).(*call)
	conn.SetReadLimit(e.limit)
	c := s.open(e, threaded{conn}, conn.Compressed())
	c.closed(conn.Serve(context.Background(), func(_ context.Context, typ websocket.MessageType, p []byte) error {
		return c.receive(typ, p)
	}))
	c.pushing.Wait()
}

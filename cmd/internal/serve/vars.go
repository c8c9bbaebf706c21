package serve

import (
	"expvar"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/wirews/wirews/websocket"
)

// vars is what /debug/vars shows: counters since the start, and what is open
// at the moment. It names nobody: neither addresses nor rooms.
type vars struct {
	started time.Time

	open, opened expvar.Map // connections by endpoint
	closed       expvar.Map // connections by the close code that they ended with
	refused      expvar.Int // handshakes
	compressed   expvar.Int // connections that have agreed on compression
	dropped      expvar.Int // members of a chat that were too slow
}

func (v *vars) enter(endpoint string) {
	v.opened.Add(endpoint, 1)
	v.open.Add(endpoint, 1)
}

func (v *vars) leave(endpoint string, code websocket.StatusCode) {
	v.closed.Add(strconv.Itoa(int(code)), 1) // first: what is not open any more is counted here
	v.open.Add(endpoint, -1)
}

// serveVars answers in the form of package expvar, of which it is no part:
// what a program publishes there is global, and has the command line in it.
func (s *Server) serveVars(w http.ResponseWriter, _ *http.Request) {
	v := &s.vars
	number := func(f func() int) expvar.Func { return func() any { return f() } }
	var all expvar.Map
	for name, value := range map[string]expvar.Var{
		"uptime_seconds":    expvar.Func(func() any { return int64(time.Since(v.started).Seconds()) }),
		"closing":           expvar.Func(func() any { return s.closing.Load() }),
		"goroutines":        number(runtime.NumGoroutine),
		"connections_open":  &v.open,
		"connections_total": &v.opened,
		"closed_by_code":    &v.closed,
		"refused":           &v.refused,
		"compressed":        &v.compressed,
		"chat_dropped":      &v.dropped,
		"chat_rooms":        number(func() int { n, _ := s.rooms.count(); return n }),
		"chat_members":      number(func() int { _, n := s.rooms.count(); return n }),
		"chat_hub":          expvar.Func(func() any { return s.rooms.hub.Stats() }),
		"message_memory":    expvar.Func(func() any { return s.messages.Used() }),
		"websocket":         expvar.Func(func() any { return s.Stats() }),
	} {
		all.Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write([]byte(all.String() + "\n"))
}

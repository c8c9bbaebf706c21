package serve

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/wirews/wirews/wshub"
)

const (
	pingTimeout = 2 * time.Second // for a bus to answer
	pingEvery   = time.Second     // how often it is asked at most
)

// health is whether a bus works, as far as is known.
type health struct {
	bus wshub.Bus

	mu    sync.Mutex // held while the bus is asked, for all who want to know
	asked time.Time
	err   error
}

// check returns nil if the bus works.
func (h *health) check() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bus == nil || !h.asked.IsZero() && time.Since(h.asked) < pingEvery {
		return h.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout) // and not that of who happens to ask
	defer cancel()
	h.err = h.bus.Ping(ctx)
	h.asked = time.Now()
	return h.err
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if s.closing.Load() {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	if err := s.health.check(); err != nil {
		s.options.Log.Warn("not healthy", "err", err)
		http.Error(w, "the bus does not work", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

package websocket_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// The same refusals by both fronts: in each step a client comes after a while.
func TestLimitsOfAServer(t *testing.T) {
	type step struct {
		after  time.Duration
		key    string
		status int
		retry  string
		err    error
	}
	in := func(after time.Duration, key string) step { return step{after, key, 101, "", nil} }
	for name, tc := range map[string]struct {
		server *websocket.Server
		steps  []step
	}{
		"none": {&websocket.Server{}, []step{in(0, "ann"), in(0, "ann"), in(0, "ann")}},
		"connections": {&websocket.Server{MaxConns: 2}, []step{
			in(0, "ann"), in(0, ""), {0, "ann", 503, "5", websocket.ErrTooManyConns}, {time.Hour, "bob", 503, "5", websocket.ErrTooManyConns},
		}},
		"connections of a key": {&websocket.Server{MaxPerKey: 2, Key: byUser, RetryAfter: time.Minute}, []step{
			in(0, "ann"), in(0, "ann"), {0, "ann", 429, "60", websocket.ErrTooManyPerKey}, in(0, "bob"),
			in(0, ""), in(0, ""), in(0, ""), // whoever has no key
		}},
		"keys without a limit": {&websocket.Server{Key: byUser}, []step{in(0, "ann"), in(0, "ann")}},
		"handshakes": {&websocket.Server{HandshakeRate: 2}, []step{
			in(0, ""), in(0, ""), {0, "", 503, "5", websocket.ErrTooManyHandshakes}, in(500*time.Millisecond, ""),
			{499 * time.Millisecond, "", 503, "5", websocket.ErrTooManyHandshakes}, in(time.Millisecond, ""),
		}},
		"handshakes, without those that are refused for something else": {&websocket.Server{HandshakeRate: 2, MaxPerKey: 1, Key: byUser}, []step{
			in(0, "ann"), {0, "ann", 429, "5", websocket.ErrTooManyPerKey}, in(0, "bob"), {time.Millisecond, "carl", 503, "5", websocket.ErrTooManyHandshakes}, // later, as each is told after it has lingered
		}},
		"handshakes, slowly": {&websocket.Server{HandshakeRate: 0.1, HandshakeBurst: 2, RetryAfter: time.Millisecond}, []step{
			in(0, ""), in(0, ""), {0, "", 503, "10", websocket.ErrTooManyHandshakes},
			{7500 * time.Millisecond, "", 503, "3", websocket.ErrTooManyHandshakes}, in(2500*time.Millisecond, ""),
		}},
	} {
		for _, front := range []string{"ServeHTTP", "Serve"} {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var told, want []error
				s := &websocket.Server{
					MaxConns: tc.server.MaxConns, MaxPerKey: tc.server.MaxPerKey, Key: tc.server.Key, RetryAfter: tc.server.RetryAfter,
					HandshakeRate: tc.server.HandshakeRate, HandshakeBurst: tc.server.HandshakeBurst,
					Options: websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{Counters: new(websocket.Counters)}},
					OnError: func(_ string, err error) {
						mu.Lock()
						defer mu.Unlock()
						told = append(told, err)
					},
				}
				r := &running{Server: s}
				if front == "Serve" {
					r = start(t, s)
				} else {
					r.l = listenInMemory()
					hs := &http.Server{Handler: s}
					go hs.Serve(r.l)
					defer hs.Close()
				}
				for i, step := range tc.steps {
					time.Sleep(step.after)
					_, resp := r.ask(t, wstest.GoodRequest().With("User: "+step.key).Bytes())
					if want = append(want, step.err); step.err == nil {
						want = want[:len(want)-1]
					}
					if resp.StatusCode != step.status || resp.Header.Get("Retry-After") != step.retry {
						t.Errorf("%s, %s, step %d: status %d, Retry-After %q; want %+v", name, front, i, resp.StatusCode, resp.Header.Get("Retry-After"), step)
					}
				}
				time.Sleep(2 * time.Second) // connections that were refused linger
				synctest.Wait()
				if !slices.EqualFunc(told, want, errors.Is) {
					t.Errorf("%s, %s: OnError was told %q, want %q", name, front, told, want)
				}
				reasons := map[string]int64{}
				for _, err := range want {
					reasons[reasonOf[err]]++
				}
				if stats := s.Stats(); !maps.Equal(stats.Refused, reasons) || stats.Open != int64(len(tc.steps)-len(want)) {
					t.Errorf("%s, %s: %+v; want %v", name, front, stats, reasons)
				}
				s.Close()
			})
		}
	}
}

// What Stats call the refusals.
var reasonOf = map[error]string{
	websocket.ErrTooManyConns: "limit", websocket.ErrTooManyPerKey: "limit",
	websocket.ErrTooManyHandshakes: "rate", websocket.ErrServerClosed: "shutdown",
}

// A place is free again when a connection has ended, or its handshake has failed.
func TestPlacesAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &websocket.Server{MaxConns: 1, MaxPerKey: 1, Key: byUser, Options: websocket.AcceptConnOptions{
			AcceptOptions: websocket.AcceptOptions{Subprotocols: []string{"chat"}},
			OnHandshake: func(r httpx.Request) error {
				if r.Fields.HasToken("Sec-WebSocket-Protocol", "no") {
					return ws.RejectConnectionError(ws.RejectionStatus(402))
				}
				return nil
			},
		}})
		good := wstest.GoodRequest().With("User: ann")
		refused := wstest.GoodRequest().With("User: ann", "Sec-WebSocket-Protocol: no")
		for range 3 {
			client, resp := s.ask(t, good.Bytes())
			if resp.StatusCode != 101 {
				t.Errorf("status %d", resp.StatusCode)
			}
			if _, resp := s.ask(t, good.Bytes()); resp.StatusCode != 503 {
				t.Errorf("a second one: status %d", resp.StatusCode)
			}
			client.Close()
			synctest.Wait()
			if _, resp := s.ask(t, refused.Bytes()); resp.StatusCode != 402 {
				t.Errorf("refused: status %d", resp.StatusCode)
			}
			time.Sleep(2 * time.Second) // its connection lingers
		}
		rec := httptest.NewRecorder() // of which nothing can be hijacked
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		s.ServeHTTP(rec, r)
		if s.Len() != 0 || rec.Code != 426 && rec.Code != 400 {
			t.Errorf("%d connections, status %d", s.Len(), rec.Code)
		}
		if _, resp := s.ask(t, good.Bytes()); resp.StatusCode != 101 {
			t.Errorf("in the end: status %d", resp.StatusCode)
		}
	})
}

// What Serve has accepted and has not let in is bounded, too.
func TestHandshakesUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Int32
		s := start(t, &websocket.Server{MaxConns: 3, OnError: func(string, error) { told.Add(1) }})
		for range 1010 {
			client, err := s.l.connect()
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
		}
		synctest.Wait()
		if n := told.Load(); n != 10 {
			t.Errorf("%d connections are closed, want 10", n)
		}
		time.Sleep(11 * time.Second)
		s.peer(t, "")
	})
}

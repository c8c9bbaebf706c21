package websocket

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// denial is an answer to a handshake that a Server does not let in.
type denial struct {
	status int
	reason string // for the client: no names of our fields
	after  time.Duration
	err    error
}

// defaultRetryAfter is what a zero RetryAfter stands for.
const defaultRetryAfter = 5 * time.Second

// admit lets a handshake in, or says why not.
func (s *Server) admit(m *member, key string) *denial {
	s.mu.Lock()
	defer s.mu.Unlock()
	no := &denial{after: s.RetryAfter}
	if no.after <= 0 {
		no.after = defaultRetryAfter
	}
	switch {
	case s.ending != nil:
		no.status, no.reason, no.err = http.StatusServiceUnavailable, "server is shutting down", ErrServerClosed
	case s.MaxConns > 0 && s.admitted >= s.MaxConns:
		no.status, no.reason, no.err = http.StatusServiceUnavailable, "too many connections", ErrTooManyConns
	case s.MaxPerKey > 0 && len(s.keys[key]) >= s.MaxPerKey:
		no.status, no.reason, no.err = http.StatusTooManyRequests, "too many connections of yours", ErrTooManyPerKey
	default: // last: what is refused for something else does not count
		if wait := s.handshakeWait(); wait > 0 {
			no.status, no.reason, no.err = http.StatusServiceUnavailable, "too many handshakes", ErrTooManyHandshakes
			no.after = max(no.after, wait)
			break
		}
		s.add(m)
		s.take(m, key)
		return nil
	}
	return no
}

// slowest is in how many seconds HandshakeRate lets in HandshakeBurst at least: 30
// years are as good as never, and a Bucket, which counts in time, knows them.
const slowest = 1e9

// handshakeWait returns how long it is until HandshakeRate lets one more in, and
// counts it if that is 0. It needs the lock.
func (s *Server) handshakeWait() time.Duration {
	if s.HandshakeRate <= 0 {
		return 0
	}
	n := float64(s.HandshakeBurst)
	if n <= 0 {
		n = max(s.HandshakeRate, 1)
	}
	rate := max(s.HandshakeRate, n/slowest)
	burst := time.Duration(n / rate * float64(time.Second))
	return s.handshakes.TryTake(1, rate, burst, now())
}

// seconds returns what the Retry-After field says.
func (no *denial) seconds() string {
	n := no.after / time.Second
	if no.after%time.Second > 0 {
		n++
	}
	return strconv.FormatInt(int64(n), 10)
}

// answer answers a request of an HTTP server.
func (no *denial) answer(w http.ResponseWriter) {
	w.Header().Set("Retry-After", no.seconds())
	http.Error(w, no.reason, no.status)
}

// rejection is the denial as an error, which AcceptConn answers by.
func (no *denial) rejection() error {
	return &ws.ConnectionRejectedError{
		Status: no.status,
		Reason: no.reason,
		Header: ws.HandshakeHeaderString("Retry-After: " + no.seconds() + "\r\n"),
		Err:    no.err,
	}
}

// admitting is OnHandshake of a connection that AcceptConn accepts. It makes the
// context of its Handler from ctx.
func (s *Server) admitting(m *member, ctx *context.Context) func(httpx.Request) error {
	return func(head httpx.Request) error {
		key := ""
		var r *http.Request
		if s.Key != nil || s.Context != nil {
			r = requestOf(head, m.transport).WithContext(*ctx)
		}
		if s.Key != nil {
			key = s.Key(r)
		}
		if no := s.admit(m, key); no != nil {
			return no.rejection()
		}
		if s.Options.OnHandshake != nil {
			if err := s.Options.OnHandshake(head); err != nil {
				return err
			}
		}
		if s.Context != nil {
			*ctx = s.Context(*ctx, r)
		}
		return nil
	}
}

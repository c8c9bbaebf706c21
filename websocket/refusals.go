package websocket

import (
	"errors"

	"github.com/wirews/wirews/internal/refusal"
)

// refusedRate is why a Server refuses handshakes, in Stats.Refused, besides what package
// refusal knows. Counters says what it is.
const refusedRate = "rate"

// refusedFor returns the reason for which a handshake has failed.
func refusedFor(err error) string {
	switch {
	case errors.Is(err, ErrTooManyConns), errors.Is(err, ErrTooManyPerKey):
		return refusal.Limit
	case errors.Is(err, ErrTooManyHandshakes):
		return refusedRate
	case errors.Is(err, ErrServerClosed):
		return refusal.Shutdown
	}
	return refusal.Reason(err)
}

// refused counts a handshake that has failed for err, which it returns. A nil
// Counters counts nothing.
func (n *Counters) refused(err error) error {
	if n != nil {
		reason := refusedFor(err)
		n.seldom.enter(func(s *Stats) {
			if s.Refused == nil {
				s.Refused = make(map[string]int64)
			}
			s.Refused[reason]++
		})
	}
	return err
}

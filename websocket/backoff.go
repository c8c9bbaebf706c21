package websocket

import (
	"errors"
	"net/http"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// backoff says how long to wait after attempts that have failed: a random part of a
// span that doubles with each, up to a bound ("full jitter"). So clients that have
// lost the same server at the same moment do not come back at the same moment. It
// has no clock and no source of randomness.
type backoff struct {
	first, longest time.Duration
	failures       int
}

// fail counts a failure and returns how long to wait. random is from 0 up to, but not
// including, 1.
func (b *backoff) fail(random float64, a advice) time.Duration {
	span := max(b.span(), a.span)
	b.failures++
	return endpoint.After(a.least, time.Duration(random*float64(span)))
}

// reset forgets the failures.
func (b *backoff) reset() { b.failures = 0 }

func (b *backoff) span() time.Duration {
	span := min(b.first, b.longest)
	for range b.failures {
		if span > b.longest/2 {
			return b.longest
		}
		span *= 2
	}
	return span
}

// advice is what a server has said about coming back: after least, and then spread
// over a span. The zero value is none.
type advice struct{ least, span time.Duration }

// The list of close codes wants clients of a service that restarts (1012) to come
// back after 5 to 30 seconds.
const (
	restartLeast = 5 * time.Second
	restartMost  = 30 * time.Second
)

// longestRetryAfter is how long a Retry-After is heeded: a server that is wrong about
// years is asked again.
const longestRetryAfter = time.Hour

// adviceOf returns the advice in an error of Dial, or of a connection that has ended,
// for a client that waits at most longest of its own accord. now is compared with a
// date, unless the server's own clock is known.
func adviceOf(err error, longest time.Duration, now time.Time) advice {
	if refusal, ok := errors.AsType[*ws.ResponseError](err); ok {
		return advice{least: retryAfter(refusal.Header, now)}
	}
	switch CloseStatus(err) {
	case StatusServiceRestart:
		most := min(restartMost, longest)
		least := most / (restartMost / restartLeast)
		return advice{least, most - least}
	case StatusTryAgainLater:
		return advice{longest / 2, longest - longest/2}
	}
	return advice{}
}

// retryAfter returns how long the field Retry-After asks to wait (RFC 9110, section
// 10.2.3): a number of seconds, or a date, which is held against the Date of the same
// response, if it has one. What is malformed, or past, is no time at all.
func retryAfter(fields httpx.Fields, now time.Time) time.Duration {
	value, ok := fields.First("Retry-After")
	if !ok {
		return 0
	}
	if seconds, ok := digits(value); ok {
		return min(seconds, longestRetryAfter)
	}
	then, err := http.ParseTime(string(value))
	if err != nil {
		return 0
	}
	if date, ok := fields.First("Date"); ok {
		if sent, err := http.ParseTime(string(date)); err == nil {
			now = sent
		}
	}
	return min(max(then.Sub(now), 0), longestRetryAfter)
}

// digits returns a number of seconds, or longestRetryAfter if it is too large to
// matter.
func digits(b []byte) (time.Duration, bool) {
	seconds := time.Duration(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		seconds = min(seconds*10+time.Duration(c-'0')*time.Second, longestRetryAfter)
	}
	return seconds, len(b) > 0
}

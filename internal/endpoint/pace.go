package endpoint

import (
	"time"

	"github.com/wirews/wirews/wsproto"
)

// Pace holds a peer to a wsproto.Rate: it counts what has been received, and says
// until when nothing more should be. Time is an argument, as everywhere here. The
// zero value is ready.
type Pace struct {
	messages, bytes Bucket
	until           time.Duration
	late            bool
}

// Count counts messages and bytes that were received.
func (p *Pace) Count(r *wsproto.Rate, messages, bytes int, now time.Duration) {
	burst := r.Burst
	if burst <= 0 {
		burst = second
	}
	var wait time.Duration
	if r.Messages > 0 && messages > 0 {
		one := (&Bucket{}).missing(1, r.Messages, now) // rounded as Take does it
		wait = p.messages.Take(float64(messages), r.Messages, max(burst, one), now)
	}
	if r.Bytes > 0 && bytes > 0 {
		wait = max(wait, p.bytes.Take(float64(bytes), r.Bytes, burst, now))
	}
	if until := now + wait; wait > 0 && (!p.late || until > p.until) {
		p.until, p.late = until, true
	}
}

// Until returns until when nothing more should be received. ok is false if there is
// no such time.
func (p *Pace) Until() (until time.Duration, ok bool) { return p.until, p.late }

// Waited says that it has come.
func (p *Pace) Waited() { p.late = false }

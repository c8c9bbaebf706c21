package h2

import "time"

// allowance bounds the frames that carry nothing: SETTINGS, PING, empty DATA,
// WINDOW_UPDATE of a few bytes, and those of streams that are no more. A server may
// send floodBurst of them at once and floodRate a second. Frames of DATA in either
// direction earn more, for servers that answer each with a WINDOW_UPDATE or measure
// the round trip.
type allowance struct {
	left int
	at   time.Time // of the last refill
}

const (
	floodBurst = 2000
	floodRate  = 100
)

// spend takes one, and reports whether it was there.
func (a *allowance) spend(now time.Time) bool {
	if a.left == 0 {
		if a.at.IsZero() {
			a.left = floodBurst
		} else {
			a.earn(int(min(now.Sub(a.at).Seconds()*floodRate, floodBurst)))
		}
		if a.left == 0 {
			return false
		}
		a.at = now
	}
	a.left--
	return true
}

func (a *allowance) earn(n int) { a.left = min(a.left+n, floodBurst) }

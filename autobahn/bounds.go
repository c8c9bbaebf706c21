package autobahn

import "time"

// A peer may send without end, and faster than the judge can look at it. What
// bounds a case then is its time, and these. No case asks for as much.
const (
	maxMessage    = 64 << 20  // bytes of a message
	maxCompressed = 4 << 20   // bytes of a message that is compressed: malicious blocks take long
	maxControl    = 4 << 10   // bytes that are kept of a control frame, which may have 125
	maxArrived    = 512 << 20 // bytes of frames in a case
	maxKept       = 128 << 20 // bytes of all events of a case
	maxEvents     = 25_000    // messages and pongs of a case: 24.1.5 has 10,001
	maxPongs      = 100_000   // pings that are answered: a peer need not read the pongs
)

// lateTime is how long the judge may be at what had arrived when time was up,
// and lateBytes how much of it there may be: more than the kernel holds.
const (
	lateTime  = time.Second
	lateBytes = 64 << 20
)

// takeLate takes what had arrived when a time was up: it arrived in time, if
// the judge was late. What arrives meanwhile cannot be told from it, so that it
// ends with the first moment in which there is nothing, or with the bounds.
func (s *session) takeLate() {
	begun := time.Now()
	for bytes := 0; s.state != stateClosed && bytes < lateBytes && time.Since(begun) < s.timers.long(lateTime); {
		select {
		case b, ok := <-s.read:
			bytes += len(b)
			s.take(b, ok)
		default:
			return
		}
	}
}

// tooMuch fails the connection, and does not wait for an end of it.
func (s *session) tooMuch(why string) {
	s.fail(1009, why)
	s.drop(why)
}

// keep notes an event, unless the peer has sent more than any case asks for.
func (s *session) keep(r received) bool {
	if s.keptBytes += len(r.data); s.keptBytes > maxKept || len(s.received) == maxEvents {
		s.tooMuch("more messages and pongs than any case asks for")
		return false
	}
	s.received = append(s.received, r)
	return true
}

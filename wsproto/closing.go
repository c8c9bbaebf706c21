package wsproto

import (
	"math"
	"time"
)

// DefaultCloseTimeout is what a Config.CloseTimeout of zero stands for.
const DefaultCloseTimeout = 5 * time.Second

// Phase is how far the end of a connection is: what its transport is to be
// used for.
type Phase uint8

// The phases, in the order that they come in; some are left out. In any of them
// the end of what the peer sends, or an error of the transport, is the end of
// the connection: close it.
const (
	// PhaseOpen: everything may be sent and received.
	PhaseOpen Phase = iota
	// PhaseClosing: our close frame has been sent, the peer's is awaited.
	// Write what was appended; go on receiving, messages too.
	PhaseClosing
	// PhaseShut: nothing more is sent or received. Write what was appended
	// and close the sending direction of the transport; then read, and drop
	// what comes, to its end. Closing the whole of it with bytes unread
	// may destroy what is on its way to the peer (RFC 6455, section 7.1.1).
	PhaseShut
	// PhaseLinger: as PhaseShut, but the peer, a server, closes first.
	PhaseLinger
	// PhaseOver: close the transport, whatever is left.
	PhaseOver
)

var phaseNames = [...]string{"open", "closing", "shut", "linger", "over"}

// String returns the name of the phase.
func (p Phase) String() string {
	if int(p) < len(phaseNames) {
		return phaseNames[p]
	}
	return "unknown"
}

// Phase returns the phase at the time now. Only AppendClose, AppendAnswer and
// the deadline change it.
func (s *Sender) Phase(now time.Duration) Phase {
	closing := s.flags & (closeSent | closeReceived | failed)
	switch {
	case closing == 0:
		return PhaseOpen
	case s.flags.has(ended), s.flags.has(timed) && now >= s.deadline:
		return PhaseOver
	case closing == closeSent:
		return PhaseClosing
	case s.flags.has(failed), !s.config().State.ClientSide():
		return PhaseShut
	}
	return PhaseLinger
}

// Deadline returns the time at which the phase becomes [PhaseOver] by itself,
// and whether there is one. An open connection has none.
func (s *Sender) Deadline() (at time.Duration, ok bool) {
	return s.deadline, s.flags.has(timed)
}

// await gives the peer time for the next step, unless its time was up already.
func (s *Sender) await(now time.Duration) {
	timeout := s.config().CloseTimeout
	if timeout == 0 {
		timeout = DefaultCloseTimeout
	}
	if timeout < 0 || s.flags.has(timed) && now >= s.deadline {
		return
	}
	s.flags |= timed
	if s.deadline = now + timeout; s.deadline < now {
		s.deadline = math.MaxInt64
	}
}

package wsproto

import (
	"fmt"
	"strconv"
)

// ShutdownReport says what has become of the connections of a server that was shut
// down: of those that were open when that began, and of those whose handshake was
// under way then.
type ShutdownReport struct {
	// Closed is how many have ended by a close frame of the peer: in answer to
	// ours, or of its own accord. The peer has received all that was sent to it.
	Closed int
	// Unanswered are the others. What was sent to them last may be lost.
	Unanswered []Unanswered
	// Handlers is how many functions of the program, one a connection at most, had
	// not returned when the shutdown did.
	Handlers int
}

// String returns the report in one line, with the first of those that are unanswered.
func (r ShutdownReport) String() string {
	s := fmt.Sprintf("%d closed, %d unanswered, %d handlers still running", r.Closed, len(r.Unanswered), r.Handlers)
	switch len(r.Unanswered) {
	case 0:
		return s
	case 1:
		return s + "; unanswered: " + r.Unanswered[0].String()
	}
	return s + "; the first unanswered: " + r.Unanswered[0].String()
}

// Unanswered is a connection that has ended without a close frame of its peer.
type Unanswered struct {
	// Remote is the address of the peer.
	Remote string
	// Key is the one that the server knows the connection by, if any.
	Key string
	// Err is why the connection has ended: a *ConnError.
	Err error
}

// String returns the address, the key if there is one, and the error.
func (u Unanswered) String() string {
	s := u.Remote
	if u.Key != "" {
		s += " of " + strconv.Quote(u.Key)
	}
	if u.Err == nil {
		return s
	}
	return s + ": " + u.Err.Error()
}

package websocket

import (
	"fmt"
	"strconv"
	"time"
)

// RedialState is what [Redial] is doing, for logs and for whoever looks at a screen.
type RedialState struct {
	Phase RedialPhase
	// Attempt is the number of the attempt to connect that is under way, that the
	// connection is due to, or that has failed, since the last connection that was
	// healthy. The first is 1.
	Attempt int
	// Wait is how long it is until the next attempt, when waiting.
	Wait time.Duration
	// Since is when the connection was made, when connected.
	Since time.Time
	// Err is the last error, of an attempt or of a connection, and nil as long as
	// there was none. When ended, it is what Redial returns.
	Err error
}

// RedialPhase is one of the things that [Redial] does in turn.
type RedialPhase int

// The phases of Redial.
const (
	// RedialDialing: an attempt to connect is under way.
	RedialDialing RedialPhase = iota + 1
	// RedialConnected: the function has the connection.
	RedialConnected
	// RedialWaiting: the next attempt is yet to come.
	RedialWaiting
	// RedialEnded: Redial is about to return.
	RedialEnded
)

// String returns the phase in a word.
func (p RedialPhase) String() string {
	switch p {
	case RedialDialing:
		return "dialing"
	case RedialConnected:
		return "connected"
	case RedialWaiting:
		return "waiting"
	case RedialEnded:
		return "ended"
	}
	return "RedialPhase(" + strconv.Itoa(int(p)) + ")"
}

// String returns the state in a line.
func (s RedialState) String() string {
	text := s.Phase.String()
	switch s.Phase {
	case RedialDialing, RedialConnected:
		text = fmt.Sprintf("%s, attempt %d", text, s.Attempt)
	case RedialWaiting:
		text = fmt.Sprintf("%s %v after attempt %d", text, s.Wait.Round(time.Millisecond), s.Attempt)
	}
	switch {
	case s.Err == nil || s.Phase == RedialConnected:
	case s.Phase == RedialDialing:
		text += " (last error: " + s.Err.Error() + ")"
	default:
		text += ": " + s.Err.Error()
	}
	return text
}

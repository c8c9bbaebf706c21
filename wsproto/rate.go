package wsproto

import (
	"time"

	"github.com/wirews/wirews/ws"
)

// Rate bounds what a peer sends over time: a token bucket for messages, and one for
// bytes. The message that goes over it is handled; what comes after it waits, or ends
// the connection. The zero value bounds nothing.
type Rate struct {
	// Messages is how many messages and control frames the peer may send a second.
	// Zero: no limit.
	Messages float64
	// Bytes is how many bytes it may send a second, all that arrives counted: headers
	// too, and what is compressed as it comes. Zero: no limit.
	Bytes float64
	// Burst is how much may come at once after a silence: as much as Messages and Bytes
	// allow in so much time, and at least one message. Zero: one second.
	Burst time.Duration
	// Close ends the connection of a peer that goes over it, by ErrOverRate. Otherwise
	// it is read no further for as long as it takes, and then the peer has to wait
	// when it sends.
	Close bool
}

// ErrOverRate ends a connection whose peer sends more than a Rate allows. Its close
// code is 1008 (Policy Violation).
const ErrOverRate = rateError("wsproto: the peer sends more than the Rate allows; raise it, or its Burst")

// rateError is a limit on what is sent over time.
type rateError string

func (e rateError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent: 1008.
func (e rateError) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

// CloseReason returns the reason that the peer is to be sent.
func (e rateError) CloseReason() string { return "too much was sent in too little time" }

package wsproto

import (
	"math"

	"github.com/wirews/wirews/ws"
)

// What a zero field of Limits stands for.
const (
	DefaultMaxMessage   = 32 << 20 // bytes
	DefaultMaxFragments = 1 << 17  // frames
	DefaultMaxControls  = 1 << 12  // frames
)

// Limits bounds what a peer may send. The zero value stands for the defaults;
// a negative field means no limit.
type Limits struct {
	// Frame is the longest payload of a frame in bytes. Zero: as Message.
	Frame int64
	// Message is the longest payload of a message in bytes, all its fragments
	// together, as it is on the wire. Where Decoded is zero, what an extension
	// has encoded may be longer there by an eighth and 64 bytes: some
	// messages get longer by being compressed.
	Message int64
	// Decoded is the longest message in bytes after an extension has decoded
	// it. Zero: as Message.
	Decoded int64
	// Fragments is the number of frames that a message may have. It costs
	// the peer two bytes to make us look at an empty one.
	Fragments int
	// Controls is the number of control frames that may come inside one
	// message.
	Controls int
}

// bounds are Limits with their defaults filled in.
type bounds struct{ frame, message, decoded, fragments, controls int64 }

func (l Limits) bounds() (b bounds) {
	b.message = bound(l.Message, DefaultMaxMessage)
	b.frame = bound(l.Frame, b.message)
	b.decoded = bound(l.Decoded, b.message)
	b.fragments = bound(int64(l.Fragments), DefaultMaxFragments)
	b.controls = bound(int64(l.Controls), DefaultMaxControls)
	return b
}

// encodedBounds are bounds of a message that an extension has encoded.
func (l Limits) encodedBounds() (b bounds) {
	b = l.bounds()
	if room := b.message/8 + 64; l.Decoded == 0 && b.message <= math.MaxInt64-room {
		b.message += room
		if l.Frame == 0 {
			b.frame = b.message
		}
	}
	return b
}

// frameBound returns how long the only frame of a message may be.
func (l *Limits) frameBound() int64 {
	message := bound(l.Message, DefaultMaxMessage)
	return min(message, bound(l.Frame, message))
}

func bound(v, zero int64) int64 {
	switch {
	case v > 0:
		return v
	case v == 0:
		return zero
	}
	return math.MaxInt64
}

// The limits that a peer may go over. A frame that is too long is
// ws.ErrFrameTooLarge.
const (
	ErrMessageTooLarge  = ws.LimitError("wsproto: message is over the limit; raise Limits.Message, or Limits.Decoded for what is compressed")
	ErrTooManyFragments = ws.LimitError("wsproto: message has too many fragments; raise Limits.Fragments")
	ErrTooManyControls  = policyError("wsproto: too many control frames inside a message; raise Limits.Controls")
)

// policyError is a limit on behaviour rather than size.
type policyError string

func (e policyError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent: 1008.
func (e policyError) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

// CloseReason returns the reason that the peer is to be sent.
func (e policyError) CloseReason() string { return "too many control frames inside a message" }

package sequence

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

// Limits are wsproto.Limits, where each field is explained. Both have the same
// fields in the same order, so that one can be converted to the other.
type Limits struct {
	Frame     int64
	Message   int64
	Decoded   int64
	Fragments int
	Controls  int
}

// Bounds are Limits with their defaults filled in.
type Bounds struct{ Frame, Message, Decoded, Fragments, Controls int64 }

// Bounds returns those of a message that no extension has encoded.
func (l Limits) Bounds() (b Bounds) {
	b.Message = bound(l.Message, DefaultMaxMessage)
	b.Frame = bound(l.Frame, b.Message)
	b.Decoded = bound(l.Decoded, b.Message)
	b.Fragments = bound(int64(l.Fragments), DefaultMaxFragments)
	b.Controls = bound(int64(l.Controls), DefaultMaxControls)
	return b
}

// encodedBounds are Bounds of a message that an extension has encoded.
func (l Limits) encodedBounds() (b Bounds) {
	b = l.Bounds()
	if room := b.Message/8 + 64; l.Decoded == 0 && b.Message <= math.MaxInt64-room {
		b.Message += room
		if l.Frame == 0 {
			b.Frame = b.Message
		}
	}
	return b
}

// FrameBound returns how long the only frame of a message may be that no
// extension has encoded.
func (l *Limits) FrameBound() int64 {
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

// The limits that a peer may go over, as wsproto exports them. A frame that is
// too long is ws.ErrFrameTooLarge.
const (
	ErrMessageTooLarge  = ws.LimitError("wsproto: message is over the limit; raise Limits.Message, or Limits.Decoded for what is compressed")
	ErrTooManyFragments = ws.LimitError("wsproto: message has too many fragments; raise Limits.Fragments")
	ErrTooManyControls  = PolicyError("wsproto: too many control frames inside a message; raise Limits.Controls")
)

// PolicyError is the text of an error for too many control frames: a limit on
// behaviour rather than size.
type PolicyError string

// Error returns the text.
func (e PolicyError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent: 1008.
func (e PolicyError) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

// CloseReason returns the reason that the peer is to be sent.
func (e PolicyError) CloseReason() string { return "too many control frames inside a message" }

package wsproto

import "github.com/wirews/wirews/internal/sequence"

// What a zero field of Limits stands for; "Limits" in the package's overview has
// the numbers.
const (
	DefaultMaxMessage   = sequence.DefaultMaxMessage   // bytes
	DefaultMaxFragments = sequence.DefaultMaxFragments // frames
	DefaultMaxControls  = sequence.DefaultMaxControls  // frames
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

// The limits that a peer may go over. A frame that is too long is
// ws.ErrFrameTooLarge. The close code of ErrMessageTooLarge and
// ErrTooManyFragments is 1009 (Message Too Big), that of ErrTooManyControls 1008
// (Policy Violation).
const (
	ErrMessageTooLarge  = sequence.ErrMessageTooLarge
	ErrTooManyFragments = sequence.ErrTooManyFragments
	ErrTooManyControls  = sequence.ErrTooManyControls
)

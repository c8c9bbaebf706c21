package endpoint

import (
	"fmt"

	"github.com/wirews/wirews/wsproto"
)

// Ending is how a connection ends: in which state it is, why, and what has been
// learnt since. Whatever happens first is the cause, and what happens later is
// added to it as far as it is news, until the transport is closed: from then on
// everybody gets the same answer. The closing handshake itself, which frames may
// follow which, is in wsproto.Sender. The zero value is an open connection.
type Ending struct {
	state State
	cause *wsproto.ConnError // when Deaf: of the failed write, should it become the cause
}

// State is how far the end of a connection is.
type State uint8

const (
	// Open: messages go both ways.
	Open State = iota
	// Deaf: a write has failed, so nothing can be sent. What the peer has sent
	// before is still received, its close frame included.
	Deaf
	// Closing: the cause is known. The closing handshake is under way.
	Closing
	// Closed: the transport is closed, and the cause does not change any more.
	Closed
	states
)

// Happening is what moves an Ending from one state to another.
type Happening uint8

const (
	// WeClose: Close, CloseNow, an error of a handler.
	WeClose Happening = iota
	// WriteFails: the transport has refused to take something.
	WriteFails
	// ReadEnds: whoever reads has come upon the end: the peer's close frame, a
	// fault in what it sent, the end or an error of the transport, a timeout.
	ReadEnds
	// TransportClosed: it has been closed by this end.
	TransportClosed
	happenings
)

// effect is what a Happening does besides moving on.
type effect uint8

const (
	nothing effect = iota
	begin          // it is the cause
	add            // it adds what is news to the cause
	note           // it is remembered until there is a cause
)

type transition struct {
	to     State
	effect effect
}

// transitions is the whole of the life of a connection.
var transitions = [happenings][states]transition{
	WeClose:         {Open: {Closing, begin}, Deaf: {Closing, begin}, Closing: {Closing, nothing}, Closed: {Closed, nothing}},
	WriteFails:      {Open: {Deaf, note}, Deaf: {Deaf, nothing}, Closing: {Closing, add}, Closed: {Closed, nothing}},
	ReadEnds:        {Open: {Closing, begin}, Deaf: {Closing, begin}, Closing: {Closing, add}, Closed: {Closed, nothing}},
	TransportClosed: {Open: {Closed, begin}, Deaf: {Closed, begin}, Closing: {Closed, add}, Closed: {Closed, nothing}},
}

// State returns the state.
func (e *Ending) State() State { return e.state }

// Cause returns why the connection ends; nil while it is open. The value does
// not change; what is learnt later is in another one.
func (e *Ending) Cause() *wsproto.ConnError {
	if e.state == Deaf {
		return nil
	}
	return e.cause
}

// Unsent returns the error of the write that has failed, while nothing else has
// happened since, or nil.
func (e *Ending) Unsent() error {
	if e.state != Deaf {
		return nil
	}
	return e.cause.Err
}

// Happen notes what has happened. cause describes it as if it was the cause of
// the end; for WriteFails only its Err counts. begun reports whether it is.
func (e *Ending) Happen(what Happening, cause wsproto.ConnError) (begun bool) {
	t, unsent := transitions[what][e.state], e.Unsent()
	e.state = t.to
	switch t.effect {
	case note:
		e.cause = &cause
	case begin:
		cause.Err = beside(cause.Err, unsent)
		e.cause = &cause
		return true
	case add:
		e.add(cause)
	}
	return false
}

// add adds what is news: the peer's close frame, or what went wrong.
func (e *Ending) add(more wsproto.ConnError) {
	known := *e.cause
	received := known.Received == nil && more.Received != nil
	if received {
		known.Received, known.Causes = more.Received, more.Causes
	}
	wrong := known.Err == nil && more.Err != nil // an error of a handler may be of a type that cannot be compared
	if wrong {
		known.Err = more.Err
	}
	if received || wrong {
		e.cause = &known
	}
}

// beside returns err with the failed write that came before it.
func beside(err, unsent error) error {
	switch {
	case unsent == nil:
		return err
	case err == nil:
		return fmt.Errorf("after a write had failed: %w", unsent)
	}
	return fmt.Errorf("%w, after a write had failed: %w", err, unsent)
}

// Package exit has the statuses that the command ends with: the same number
// means the same in all of its commands.
package exit

import "errors"

// Status is the number that a process ends with.
type Status int

// The statuses. Failed stands for all that has no other: what is wrong before
// anything is tried, such as a flag or a file.
const (
	OK          Status = 0
	Failed      Status = 1
	Unreachable Status = 2 // the peer cannot be reached, or TLS fails
	Refused     Status = 3 // the handshake was answered with another status
	BrokenRules Status = 4 // of RFC 6455, by the peer
	TimedOut    Status = 5
	ClosedBadly Status = 6 // the peer has closed with a code that tells of trouble
	Lost        Status = 7 // the connection has ended without a close frame
	Unfit       Status = 8 // the peer was tried, and has not done what it should
	Interrupted Status = 130
)

// Statuses explains them, for the help of the commands.
const Statuses = `    0    all went well: connections were closed with 1000, 1001 or without a code
    1    something is wrong with the command itself, such as a flag or a file
    2    the server cannot be reached, or TLS fails
    3    the server has refused the handshake with an HTTP status
    4    the server has broken the protocol
    5    it took too long
    6    the server has closed with another code, such as 1011 or 1013, or before
         all messages had come that --count waits for
    7    the connection was lost: it has ended without a close frame
    8    what was tried was found wanting: a verdict of conform or attack, a
         failure or a threshold of bench
    130  interrupted`

// Error is an error with the status that the command ends with.
type Error struct {
	Status Status
	Err    error
}

// With returns err with a status.
func With(s Status, err error) *Error { return &Error{s, err} }

// Error returns the text of e.Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the status for err: Failed, unless err knows better.
func Of(err error) Status {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return Failed
}

// ErrInterrupted says that the user, or the system, has ended the command.
var ErrInterrupted = With(Interrupted, errors.New("interrupted"))

package websocket

import (
	"errors"
	"fmt"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// ErrMessageTooBig says that the peer has sent a message over the limit of
// SetReadLimit. It was sent close code 1009 for it.
var ErrMessageTooBig = errors.New("websocket: message is over the read limit; raise it by SetReadLimit")

// CloseError is a close frame that the peer has sent. Find it with errors.As,
// or its code with CloseStatus.
type CloseError struct {
	Code   StatusCode
	Reason string
}

// Error returns a text with the code and the reason.
func (ce CloseError) Error() string {
	return fmt.Sprintf("status = %v and reason = %q", ce.Code, ce.Reason)
}

// CloseStatus returns the code of the close frame that the peer has sent, if
// err comes of one, and -1 otherwise.
func CloseStatus(err error) StatusCode {
	if ce, ok := errors.AsType[CloseError](err); ok {
		return ce.Code
	}
	return -1
}

// EndedBy says who or what has ended a connection. The values are errors, so
// that errors.Is finds them: errors.Is(err, websocket.EndedByTimeout).
type EndedBy uint8

// The ways in which a connection ends.
const (
	// EndedByPeer: the peer has sent a close frame.
	EndedByPeer EndedBy = iota + 1
	// EndedByUs: Close, CloseNow, an error of a Handler, or a limit of ours.
	EndedByUs
	// EndedByTransport: the transport has ended, or failed, without a close
	// frame.
	EndedByTransport
	// EndedByTimeout: a timeout of the connection's options, or that of the
	// closing handshake.
	EndedByTimeout
	// EndedByViolation: the peer has broken the protocol.
	EndedByViolation
)

// Error returns a text.
func (e EndedBy) Error() string {
	switch e {
	case EndedByPeer:
		return "closed by the peer"
	case EndedByUs:
		return "closed by us"
	case EndedByTransport:
		return "the transport has ended"
	case EndedByTimeout:
		return "timed out"
	case EndedByViolation:
		return "the peer has broken the protocol"
	}
	return "not ended"
}

// ConnError says why a connection has ended. All methods of a connection
// return it from then on. errors.Is finds By and net.ErrClosed, whoever has
// ended it; errors.As and errors.Is find Err and the peer's CloseError.
//
// A Write that the transport refuses ends writing only: it returns a ConnError
// with EndedByTransport, and what the peer sent before can still be read. The
// error of the Write is then part of Err in the ConnError that says how reading
// has ended.
type ConnError struct {
	// By says who has ended it.
	By EndedBy
	// Code and Reason are those of the close frame that has begun the end,
	// the peer's or ours; StatusAbnormalClosure if there was none.
	Code   StatusCode
	Reason string
	// Received is the close frame that the peer has sent, or nil.
	Received *CloseError
	// Err is the cause: a ws.ProtocolError, a limit, an error of the
	// transport: io.EOF if it ended between messages, io.ErrUnexpectedEOF
	// inside one. If a write had failed before, its error is here too. It may
	// be nil.
	Err error
}

// Error returns a text with all of that.
func (e *ConnError) Error() string {
	s := "websocket: " + e.By.Error()
	if e.Code != StatusAbnormalClosure {
		s += ": " + e.Code.String()
	}
	if e.Reason != "" {
		s += fmt.Sprintf(" %q", e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Clean reports whether the peer has sent a close frame: whatever it sent
// before has been received, and nothing is missing.
func (e *ConnError) Clean() bool { return e.Received != nil }

// Is reports whether target is e.By or net.ErrClosed: whoever has ended it, the
// connection is closed.
func (e *ConnError) Is(target error) bool { return target == e.By || target == net.ErrClosed }

// Timeout reports whether the end was a timeout, as net.Error wants it.
func (e *ConnError) Timeout() bool { return e.By == EndedByTimeout }

// Temporary returns false, as net.Error wants it: a connection that has ended
// does not come back.
func (e *ConnError) Temporary() bool { return false }

// Unwrap returns the cause and the close frame received, those that there are.
func (e *ConnError) Unwrap() (errs []error) {
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	if e.Received != nil {
		errs = append(errs, *e.Received)
	}
	return errs
}

// besides returns err with the error of a write that had failed before it came;
// err may be nil.
func besides(err, write error) error {
	if err == nil {
		return fmt.Errorf("a write had failed: %w", write)
	}
	return fmt.Errorf("%w; a write had failed before: %w", err, write)
}

// errorf keeps the texts of this package alike.
func errorf(doing string, err error) error {
	if _, ok := err.(*ConnError); ok {
		return err
	}
	return fmt.Errorf("websocket: %s: %w", doing, err)
}

// faultOf says what an error of the receiving half is to the user.
func faultOf(err error) (by EndedBy, cause error) {
	if _, ok := errors.AsType[ws.LimitError](err); ok {
		return EndedByUs, fmt.Errorf("%w: %w", ErrMessageTooBig, err)
	}
	if _, ok := errors.AsType[ws.ProtocolError](err); ok {
		return EndedByViolation, err
	}
	if _, ok := errors.AsType[*wsflate.CorruptError](err); ok {
		return EndedByViolation, err
	}
	return EndedByUs, err
}

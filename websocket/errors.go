package websocket

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
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
// return it from then on. errors.Is finds By, and net.ErrClosed if that is
// EndedByUs; errors.As and errors.Is find Err and the peer's CloseError.
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
	// inside one. It may be nil.
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

// Is reports whether target is e.By, or net.ErrClosed for a connection that we
// have closed.
func (e *ConnError) Is(target error) bool {
	return target == e.By || e.By == EndedByUs && target == net.ErrClosed
}

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

// errorf keeps the texts of this package alike.
func errorf(doing string, err error) error {
	if _, ok := err.(*ConnError); ok {
		return err
	}
	return fmt.Errorf("websocket: %s: %w", doing, err)
}

// overLimit is a limit of a lower layer that the peer has gone over. The text
// names what can be set here instead of what can be set there.
type overLimit struct {
	text string
	errs []error
}

func (e *overLimit) Error() string   { return e.text }
func (e *overLimit) Unwrap() []error { return e.errs }

// headLimit is err with the option that bounds heads, if it was that.
func headLimit(options string, err error) error {
	if limit, ok := errors.AsType[*httpx.LimitError](err); ok {
		return fmt.Errorf("%w; %s.HeadLimits can raise that of %s", err, options, limit.Part)
	}
	return err
}

// errNilContext is what a caller gets who gives nil.
var errNilContext = errors.New("the context is nil; context.Background never ends")

// contextErr is ctx.Err, and the error of a nil ctx.
func contextErr(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	return ctx.Err()
}

// faultOf says what an error of the receiving half is to the user.
func faultOf(err error) (by EndedBy, cause error) {
	switch {
	case errors.Is(err, wsproto.ErrTooManyFragments):
		return EndedByUs, &overLimit{"message has too many fragments; MaxFragments of AcceptOptions and DialOptions can raise the limit", []error{ErrMessageTooBig, err}}
	case errors.Is(err, wsproto.ErrTooManyControls):
		return EndedByUs, &overLimit{"too many control frames inside a message; MaxControls of AcceptOptions and DialOptions can raise the limit", []error{err}}
	}
	if _, ok := errors.AsType[ws.LimitError](err); ok {
		return EndedByUs, &overLimit{ErrMessageTooBig.Error(), []error{ErrMessageTooBig, err}}
	}
	if _, ok := errors.AsType[ws.ProtocolError](err); ok {
		return EndedByViolation, err
	}
	if _, ok := errors.AsType[*wsflate.CorruptError](err); ok {
		return EndedByViolation, err
	}
	return EndedByUs, err
}

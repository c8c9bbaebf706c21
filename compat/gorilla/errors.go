package websocket

import (
	"errors"
	"net"
	"slices"
	"strconv"
)

// What programs compare errors with.
var (
	// ErrCloseSent says that a close message has been sent, after which nothing
	// can be.
	ErrCloseSent = errors.New("websocket: close sent")
	// ErrReadLimit says that a message is longer than Conn.SetReadLimit allows.
	ErrReadLimit = errors.New("websocket: read limit exceeded")
	// ErrBadHandshake says that the response to an opening handshake is not one of
	// a WebSocket server.
	ErrBadHandshake = errors.New("websocket: bad handshake")
)

var (
	errMessageType  = errors.New("websocket: bad write message type")
	errWriterClosed = errors.New("websocket: write closed")
	errLongControl  = errors.New("websocket: invalid control frame: it holds at most 125 bytes")
	errLevel        = errors.New("websocket: invalid compression level: it is -2 to 9")

	// errCut is the end of a connection without a close frame.
	errCut = &CloseError{Code: CloseAbnormalClosure, Text: "unexpected EOF"}
)

// CloseError is a close message that was received. If the connection has ended
// without one, the Code is CloseAbnormalClosure.
type CloseError struct {
	Code int    // CloseNoStatusReceived if the message had none
	Text string // the reason; it may be empty
}

// Error returns a text with the code, what that means, and the reason.
func (e *CloseError) Error() string {
	s := "websocket: close " + strconv.Itoa(e.Code)
	if meaning := meanings[e.Code]; meaning != "" {
		s += " (" + meaning + ")"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// IsCloseError reports whether err is a *CloseError with one of the codes; one
// that is wrapped counts.
func IsCloseError(err error, codes ...int) bool {
	e, ok := errors.AsType[*CloseError](err)
	return ok && slices.Contains(codes, e.Code)
}

// IsUnexpectedCloseError reports whether err is a *CloseError with none of the
// codes; one that is wrapped counts.
func IsUnexpectedCloseError(err error, expectedCodes ...int) bool {
	e, ok := errors.AsType[*CloseError](err)
	return ok && !slices.Contains(expectedCodes, e.Code)
}

// HandshakeError is an opening handshake that a server has refused. The rule that
// was broken is found by errors.Is, such as ws.ErrHandshakeBadConnection.
type HandshakeError struct {
	message string
	cause   error
}

// Error returns what is wrong with the request.
func (e HandshakeError) Error() string { return e.message }

// Unwrap returns the error of package ws, or nil.
func (e HandshakeError) Unwrap() error { return e.cause }

// finalError is an error of the net.Conn that says of itself that it is temporary.
// It is not, for the connection cannot be used any more, and a loop that tries
// again while it is would never end.
type finalError struct{ cause net.Error }

func (e finalError) Error() string   { return e.cause.Error() }
func (e finalError) Timeout() bool   { return e.cause.Timeout() }
func (e finalError) Temporary() bool { return false }
func (e finalError) Unwrap() error   { return e.cause }

// final returns err as one that is not temporary.
func final(err error) error {
	if e, ok := err.(net.Error); ok && isTemporary(err) {
		return finalError{e}
	}
	return err
}

// isTemporary reports what err says of itself. net.Error has the method, which is
// deprecated there; programs go on asking.
func isTemporary(err error) bool {
	e, ok := err.(interface{ Temporary() bool })
	return ok && e.Temporary()
}

// timeoutError says that the lock of the connection was not free in time. That
// harms nothing: the message was not sent, and others can be.
type timeoutError struct{}

func (timeoutError) Error() string   { return "websocket: write timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

package websocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// ErrMessageTooBig says that the peer has sent a message over the limit of
// SetReadLimit. It was sent close code 1009 for it.
var ErrMessageTooBig = errors.New("websocket: message is over the read limit; raise it by SetReadLimit")

// ErrRedirectUnencrypted says that a server reached by TLS has redirected the
// handshake to one that would not be.
var ErrRedirectUnencrypted = errors.New("websocket: redirect from wss to ws")

// Why a Server refuses a handshake. Find them by errors.Is in what OnError is told
// and ServeConn returns.
var (
	// ErrServerClosed says that the Server is shutting down: status 503. Serve returns
	// it, too.
	ErrServerClosed = errors.New("websocket: Server is closed")
	// ErrTooManyConns says that there are MaxConns connections: status 503.
	ErrTooManyConns = errors.New("websocket: Server has as many connections as its MaxConns allows")
	// ErrTooManyPerKey says that there are MaxPerKey connections of the same key:
	// status 429.
	ErrTooManyPerKey = errors.New("websocket: Server has as many connections of one key as its MaxPerKey allows")
	// ErrTooManyHandshakes says that there are more handshakes than HandshakeRate
	// allows: status 503.
	ErrTooManyHandshakes = errors.New("websocket: Server gets more handshakes than its HandshakeRate allows")
)

// CloseError is a close frame that the peer has sent. Find it with errors.As,
// or its code with [CloseStatus].
type CloseError struct {
	Code   StatusCode
	Reason string
}

// Error returns a text with the code and the reason.
func (ce CloseError) Error() string {
	return fmt.Sprintf("status = %v and reason = %q", ce.Code, ce.Reason)
}

// CloseStatus returns the code of the close frame that the peer has sent, if
// err is due to one, and -1 otherwise.
func CloseStatus(err error) StatusCode {
	if ce, ok := errors.AsType[CloseError](err); ok {
		return ce.Code
	}
	return -1
}

// IsUnexpectedClose reports whether the peer has ended a connection in another way
// than those: by a close frame with another code, or, which counts as
// [StatusAbnormalClosure], without one ([EndedByTransport]). A close frame without a
// code counts as StatusNoStatusRcvd. It is false for any other error, and for what this end
// has decided: [EndedByUs], [EndedByTimeout], [EndedByViolation], which ConnError.By tells.
//
// So a server whose clients come and go can log the others:
//
//	if websocket.IsUnexpectedClose(err, websocket.StatusNormalClosure, websocket.StatusGoingAway) {
func IsUnexpectedClose(err error, expected ...StatusCode) bool {
	code := CloseStatus(err)
	if end, ok := errors.AsType[*ConnError](err); ok {
		switch end.By {
		case EndedByPeer:
		case EndedByTransport:
			if code == -1 {
				code = StatusCode(ws.StatusAbnormalClosure)
			}
		default:
			return false
		}
	}
	return code != -1 && !slices.Contains(expected, code)
}

// ConnError says why a connection has ended. All methods of a connection return
// it from then on. errors.Is finds net.ErrClosed in it, whoever has closed the
// connection, its By and its Err; errors.As and [CloseStatus] find the peer's
// [CloseError], which its field Received holds as a [wsproto.CloseFrame]. Its Code
// is a [ws.StatusCode], which a StatusCode converts to.
type ConnError = wsproto.ConnError

// EndedBy says who or what has ended a connection. The values are errors, so
// that errors.Is finds them: errors.Is(err, [websocket.EndedByTimeout]).
type EndedBy = wsproto.EndedBy

// The ways in which a connection ends.
const (
	// EndedByPeer: the peer has sent a close frame.
	EndedByPeer = wsproto.EndedByPeer
	// EndedByUs: Close, CloseNow, an error of a Handler, or a limit of ours.
	EndedByUs = wsproto.EndedByUs
	// EndedByTransport: the transport has ended, or failed, without a close
	// frame.
	EndedByTransport = wsproto.EndedByTransport
	// EndedByTimeout: a timeout of the connection's options, or that of the
	// closing handshake.
	EndedByTimeout = wsproto.EndedByTimeout
	// EndedByViolation: the peer has broken the protocol.
	EndedByViolation = wsproto.EndedByViolation
)

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

// errNilContext is the error for a context that is nil.
var errNilContext = errors.New("the context is nil; context.Background never ends")

// contextErr is ctx.Err, and the error of a nil ctx.
func contextErr(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	return ctx.Err()
}

// describeLimit returns an error of the receiving half as the user can mend it.
func describeLimit(err error) error {
	switch {
	case errors.Is(err, wsproto.ErrTooManyFragments):
		return &overLimit{"message has too many fragments; MaxFragments of AcceptOptions and DialOptions can raise the limit", []error{ErrMessageTooBig, err}}
	case errors.Is(err, wsproto.ErrTooManyControls):
		return &overLimit{"too many control frames inside a message; MaxControls of AcceptOptions and DialOptions can raise the limit", []error{err}}
	case wsproto.CloseCode(err) == ws.StatusMessageTooBig:
		return &overLimit{ErrMessageTooBig.Error(), []error{ErrMessageTooBig, err}}
	}
	return err
}

// silent is the error of a peer that has sent nothing for too long: for so long that
// a ping had no answer, or, if that is not known, for longer than ReadTimeout.
type silent struct {
	error
	unanswered time.Duration
}

func (s silent) Error() string {
	if s.unanswered == 0 {
		return "nothing was received for too long"
	}
	return fmt.Sprintf("nothing was received for %v, not even the answer to a ping", s.unanswered.Round(time.Millisecond))
}

func (s silent) Unwrap() error { return s.error }

func (silent) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }

func (s silent) CloseReason() string { return s.Error() }

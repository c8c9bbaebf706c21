package websocket

import (
	"errors"
	"fmt"

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

// ConnError says why a connection has ended. All methods of a connection return
// it from then on. errors.Is finds net.ErrClosed in it, whoever has closed the
// connection, its By and its Err; errors.As and CloseStatus find the peer's
// CloseError.
type ConnError = wsproto.ConnError

// EndedBy says who or what has ended a connection. The values are errors, so
// that errors.Is finds them: errors.Is(err, websocket.EndedByTimeout).
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

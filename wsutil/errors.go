package wsutil

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Errors that carry the close code that the peer is to be sent; wsproto's
// CloseCode finds it.
const (
	// ErrInvalidUTF8: a text message is not UTF-8 (RFC 6455, section 8.1).
	ErrInvalidUTF8 = ws.ErrProtocolInvalidUTF8
	// ErrFrameTooLarge: a frame declares a payload over MaxFrameSize.
	ErrFrameTooLarge = ws.ErrFrameTooLarge
	// ErrMessageTooLarge: the fragments of a message declare more than
	// MaxMessageSize together, or are decoded to more.
	ErrMessageTooLarge = ws.LimitError("wsutil: message is over the limit; raise it by SetMaxMessageSize or Reader.MaxMessageSize")
	// ErrTooManyFragments: a message has more frames than the helpers and
	// Stream take.
	ErrTooManyFragments = ws.LimitError("wsutil: message has too many fragments; a Reader takes any number")
	// ErrTooManyControls: more control frames came inside of a message than the
	// helpers and Stream take.
	ErrTooManyControls = sequence.PolicyError("wsutil: too many control frames inside a message; a Reader takes any number")
)

// overLimit turns an error of wsproto.Limits, which nobody can set here, into
// the one that says what can be done. Others stay as they are.
func overLimit(err error) error {
	switch err {
	case wsproto.ErrMessageTooLarge:
		return ErrMessageTooLarge
	case wsproto.ErrTooManyFragments:
		return ErrTooManyFragments
	case wsproto.ErrTooManyControls:
		return ErrTooManyControls
	}
	return err
}

// Mistakes of the caller.
var (
	ErrNoFrameAdvance  = errors.New("wsutil: Read without a frame: call NextFrame first")
	ErrNotControlFrame = errors.New("wsutil: not a control frame")
	ErrNotEmpty        = errors.New("wsutil: WriteThrough with bytes in the buffer: call FlushFragment first")
	ErrMessageBegun    = errors.New("wsutil: a message was dropped of which a part has left or was encoded: end it with Flush")
	ErrControlOverflow = errors.New("wsutil: control frame with more than 125 bytes, or more than fit into its buffer")
)

// ClosedError says that the peer has closed the connection with a close
// frame, which has been answered. If the answer could not be written, the
// ClosedError is wrapped, together with why: find it with errors.As.
type ClosedError struct {
	Code   ws.StatusCode // ws.StatusNoStatusRcvd if the frame had none
	Reason string
}

// Error returns a text with the code and the reason.
func (err ClosedError) Error() string {
	s := "wsutil: peer closed the connection with " + strconv.Itoa(int(err.Code))
	if err.Reason != "" {
		s += " " + strconv.Quote(err.Reason)
	}
	return s
}

// beside returns err, or both if the answer to the close frame has failed: what
// the peer has said is the cause, and what was still to be sent is lost.
func (err ClosedError) beside(failed error) error {
	if failed == nil {
		return err
	}
	return fmt.Errorf("%w; it could not be answered: %w", err, failed)
}

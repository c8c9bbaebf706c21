package wsutil

import (
	"errors"
	"fmt"
	"strconv"

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
	ErrMessageTooLarge = wsproto.ErrMessageTooLarge
)

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

package wsflate

import (
	"errors"

	"github.com/wirews/wirews/ws"
)

// The limits of Options and Helper that a message may go over. Their close code is 1009.
const (
	ErrTooLarge = ws.LimitError("wsflate: message inflates beyond the limit; raise MaxSize of Options or Helper")
	ErrRatio    = ws.LimitError("wsflate: message inflates to many times its size; raise Options.MaxRatio, or set Helper.MaxSize")
)

// ErrUnfinished says that a message was not decoded to its end, and that those
// after it cannot be decoded because they may refer to it.
var ErrUnfinished = errors.New("wsflate: the message before was not decoded to its end; with context takeover, read or discard every message in whole")

// CorruptError says that a message is not what a compressor makes. The
// connection must be failed: with context takeover, nothing after it can be
// decoded.
type CorruptError struct {
	Err error // what is wrong
}

// Error implements error.
func (e *CorruptError) Error() string {
	return "wsflate: message does not inflate: " + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *CorruptError) Unwrap() error { return e.Err }

// StatusCode returns the close code that the peer is to be sent: 1007, for
// data that is not what it says it is (RFC 6455, section 7.4.1).
func (e *CorruptError) StatusCode() ws.StatusCode { return ws.StatusInvalidFramePayloadData }

// CloseReason returns the reason that the peer is to be sent.
func (e *CorruptError) CloseReason() string { return "message does not inflate" }

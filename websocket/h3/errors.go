package h3

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// ErrNotOffered says that the server does not take WebSockets over HTTP/3: it does not
// speak HTTP/3, its SETTINGS lack SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 9220, section
// 5), or the URL is not one of https or wss. Set Transport.Fallback to reach it by
// another version of HTTP.
var ErrNotOffered = errors.New("h3: the server does not offer WebSocket over HTTP/3")

var (
	errUnprocessed = errors.New("h3: the server has not taken the request") // it may be sent again
	errIdle        = errors.New("h3: the connection was not in use")
	errNoStream    = errors.New("h3: the server allows no more streams on a connection than there are; Transport.MaxStreams should be as many")
	errInterim     = errors.New("h3: the server sends interim responses without end")
	errUnfinished  = errors.New("h3: a frame of DATA was not sent as a whole")
)

// StreamError says that one stream has been reset (RFC 9114, section 8), or that the
// peer has said that it does not want what is sent on it. The others of its connection
// go on.
type StreamError struct {
	Code   http3.ErrCode // such as http3.ErrCodeRequestCanceled
	ByPeer bool          // it was the peer, and not this end
}

// Error returns a text such as "h3: the peer has reset the stream: H3_REQUEST_CANCELLED".
func (e *StreamError) Error() string {
	if e.ByPeer {
		return fmt.Sprintf("h3: the peer has reset the stream: %v", e.Code)
	}
	return fmt.Sprintf("h3: the stream was reset: %v", e.Code)
}

// ConnError says why a connection of HTTP/3 has ended, and all of its streams with
// it.
type ConnError struct {
	Code   http3.ErrCode // of the CONNECTION_CLOSE that was received or sent. Zero: there was none of HTTP/3
	ByPeer bool          // the peer has sent it
	Reason string        // what was said with it, at most 256 bytes
	Err    error         // what quic-go says, such as a *quic.IdleTimeoutError
}

// Error returns a text with all of that.
func (e *ConnError) Error() string {
	s := "h3: the connection has ended"
	if e.ByPeer {
		s = "h3: the peer has ended the connection"
	}
	if e.Code != 0 {
		s += ": " + e.Code.String()
	}
	if e.Reason != "" {
		s += fmt.Sprintf(": %q", e.Reason)
	}
	if e.Code == 0 && e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *ConnError) Unwrap() error { return e.Err }

// maxReason is how much of what a peer says is kept.
const maxReason = 256

// typed returns what an error of quic-go is here. The end of a stream and of a deadline
// stay what they are.
func typed(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if e, ok := errors.AsType[*quic.StreamError](err); ok {
		return &StreamError{Code: http3.ErrCode(e.ErrorCode), ByPeer: e.Remote}
	}
	if e, ok := errors.AsType[*quic.ApplicationError](err); ok {
		return &ConnError{Code: http3.ErrCode(e.ErrorCode), ByPeer: e.Remote, Reason: e.ErrorMessage[:min(len(e.ErrorMessage), maxReason)], Err: err}
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok {
		return &ConnError{ByPeer: e.Remote, Err: err}
	}
	return &ConnError{Err: err}
}

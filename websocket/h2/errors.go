package h2

import (
	"errors"
	"fmt"

	"golang.org/x/net/http2"
)

// ErrNotOffered says that the server does not take WebSockets over HTTP/2: it speaks
// HTTP/1.1 only, or its SETTINGS lack SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441,
// section 3). A Transport goes on with HTTP/1.1 then, unless its Only is set.
var ErrNotOffered = errors.New("h2: the server does not offer WebSocket over HTTP/2")

var (
	errNoStreams    = errors.New("h2: the server allows no stream on a new connection")
	errIdle         = errors.New("h2: the connection was not in use")
	errPingTimeout  = errors.New("h2: the server has not answered a PING")
	errNoSettings   = errors.New("h2: the server has not sent its SETTINGS in time")
	errFlood        = errors.New("h2: the server sends too many frames that carry nothing")
	errUnreadReply  = errors.New("h2: the server asks and does not read the answers")
	errLongHeaders  = errors.New("h2: the fields of the response are more than Transport.MaxHeaderBytes")
	errFrameTooLong = errors.New("h2: the blocks of a header go on and on")
	errExhausted    = errors.New("h2: the connection has no stream numbers left")
)

// StreamError says that one stream has been reset (RFC 9113, section 6.4). The others
// of its connection go on.
type StreamError struct {
	Code     http2.ErrCode // such as http2.ErrCodeCancel
	ByServer bool          // the server has sent RST_STREAM, or the client for what the server has sent
	Reason   string        // what the server has done wrong, if the client has reset the stream
}

// Error returns a text such as "h2: the server has reset the stream: CANCEL".
func (e *StreamError) Error() string {
	if e.ByServer {
		return "h2: the server has reset the stream: " + e.Code.String()
	}
	return fmt.Sprintf("h2: reset the stream: %v: %s", e.Code, e.Reason)
}

// ConnError says why a connection of HTTP/2 has ended, and all of its streams with
// it.
type ConnError struct {
	Code     http2.ErrCode // of the GOAWAY that was received or sent
	ByServer bool          // the server has sent it
	Reason   string        // what the server said with it, at most 256 bytes
	Err      error         // that of the transport below, or nil
}

// Error returns a text with all of that.
func (e *ConnError) Error() string {
	who := "h2: the connection has ended: "
	if e.ByServer {
		who = "h2: the server has ended the connection: "
	}
	s := who + e.Code.String()
	if e.Reason != "" {
		s += fmt.Sprintf(": %q", e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *ConnError) Unwrap() error { return e.Err }

// streamFault is what the server has done wrong on one stream.
func streamFault(code http2.ErrCode, reason string) *StreamError {
	return &StreamError{Code: code, Reason: reason}
}

// connFault is what the server has done wrong on the whole connection.
func connFault(code http2.ErrCode, reason string) *ConnError {
	return &ConnError{Code: code, Err: errors.New("h2: " + reason)}
}

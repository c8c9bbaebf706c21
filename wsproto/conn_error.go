package wsproto

import (
	"fmt"
	"strconv"

	"github.com/wirews/wirews/ws"
)

// EndedBy says who or what has ended a connection. The values are errors, so
// that errors.Is finds them: errors.Is(err, [wsproto.EndedByTimeout]).
type EndedBy uint8

// The ways in which a connection ends.
const (
	// EndedByPeer: the peer has sent a close frame.
	EndedByPeer EndedBy = iota + 1
	// EndedByUs: this end has closed it, or a limit of ours has.
	EndedByUs
	// EndedByTransport: the transport has ended, or failed, without a close
	// frame.
	EndedByTransport
	// EndedByTimeout: the peer was silent for too long, or did not finish the
	// closing handshake in time, or a write took too long.
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

// FaultOf returns who is at fault for an error of a [Receiver]: the peer, if the
// close code of err blames it (1002 Protocol Error, 1007 Invalid Payload Data),
// and otherwise a limit of ours.
func FaultOf(err error) EndedBy {
	switch CloseCode(err) {
	case ws.StatusProtocolError, ws.StatusInvalidFramePayloadData:
		return EndedByViolation
	}
	return EndedByUs
}

// ConnError says why a connection has ended. errors.Is finds By, and errors.Is
// and errors.As find Err and Causes.
type ConnError struct {
	// By says who has ended it.
	By EndedBy
	// Code and Reason are those of the close frame that has begun the end, the
	// peer's or ours; ws.StatusAbnormalClosure if there was none.
	Code   ws.StatusCode
	Reason string
	// Received is the close frame that the peer has sent, or nil.
	Received *CloseFrame
	// Err is the cause: a ws.ProtocolError, a limit, an error of the transport:
	// io.EOF if it ended between messages, io.ErrUnexpectedEOF inside one. It may
	// be nil.
	Err error
	// Causes are errors of whatever runs the connection, for errors.Is and
	// errors.As to find: package websocket has net.ErrClosed among them, and the
	// websocket.CloseError that stands for Received. They are not part of the text.
	Causes []error
}

// CloseFrame is what a received close frame says (RFC 6455, section 5.5.1). Code
// is [ws.StatusNoStatusRcvd] for one without a code.
type CloseFrame struct {
	Code   ws.StatusCode
	Reason string
}

// Error returns a text with all of that.
func (e *ConnError) Error() string {
	s := "websocket: " + e.By.Error()
	if e.Code != ws.StatusAbnormalClosure {
		s += ": " + codeText(e.Code)
	}
	if e.Reason != "" {
		s += fmt.Sprintf(" %q", e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// codeText returns a code with IANA's description, if there is one.
func codeText(code ws.StatusCode) string {
	number, name := strconv.Itoa(int(code)), code.String()
	if name == number {
		return number
	}
	return number + " " + name
}

// Clean reports whether the peer has sent a close frame: whatever it sent before
// has been received, and nothing is missing.
func (e *ConnError) Clean() bool { return e.Received != nil }

// Is reports whether target is e.By.
func (e *ConnError) Is(target error) bool { return target == e.By }

// Timeout reports whether the end was a timeout, as net.Error wants it.
func (e *ConnError) Timeout() bool { return e.By == EndedByTimeout }

// Temporary returns false, as net.Error wants it: a connection that has ended
// does not come back.
func (e *ConnError) Temporary() bool { return false }

// Unwrap returns Err, if there is one, and Causes.
func (e *ConnError) Unwrap() []error {
	if e.Err == nil {
		return e.Causes
	}
	return append([]error{e.Err}, e.Causes...)
}

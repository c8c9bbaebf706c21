package wsproto

import (
	"errors"
	"io"

	"github.com/wirews/wirews/ws"
)

// CloseCode returns the close code that the peer is to be sent when the
// connection ends for err: 1000 for nil; what its method StatusCode() says for
// an error that has one, such as [ws.ProtocolError] (1002 or 1007) and
// [ws.LimitError] (1009), if a close frame may have it; 1011 for all others.
// StatusAbnormalClosure, which is never sent, stands for the end of the transport:
// io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, and every net.Error that is not
// wrapped. A wrapped one may be from anywhere in the application.
func CloseCode(err error) ws.StatusCode {
	if err == nil {
		return ws.StatusNormalClosure
	}
	if e, ok := err.(coded); ok {
		return sendable(e.StatusCode()) // what peers cause is found without an allocation
	}
	if code, ok := wrappedCode(err); ok {
		return code
	}
	_, transport := err.(interface {
		Timeout() bool
		Temporary() bool
	}) // a net.Error
	if transport || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) {
		return ws.StatusAbnormalClosure
	}
	return ws.StatusInternalServerError
}

// coded is an error that knows its close code.
type coded interface{ StatusCode() ws.StatusCode }

func wrappedCode(err error) (code ws.StatusCode, ok bool) {
	var e coded
	if ok = errors.As(err, &e); ok {
		code = sendable(e.StatusCode())
	}
	return code, ok
}

// sendable returns code, or 1011 instead of one that no close frame may have. 0, 1005
// and 1006 stand for a close frame without a code, and for none.
func sendable(code ws.StatusCode) ws.StatusCode {
	if code == 0 || code == ws.StatusNoStatusRcvd || code == ws.StatusAbnormalClosure || ws.CheckCloseFrameData(code, "") == nil {
		return code
	}
	return ws.StatusInternalServerError
}

// CloseReason returns the reason that goes with [CloseCode]: what the method
// CloseReason() string of err says, and nothing for an error that has none. What
// has gone wrong inside an application is not the peer's business unless it says so.
func CloseReason(err error) string {
	if e, ok := errors.AsType[interface {
		error
		CloseReason() string
	}](err); ok {
		return e.CloseReason()
	}
	return ""
}

package ws

import (
	"errors"
	"strconv"

	"github.com/wirews/wirews/httpx"
)

// ConnectionRejectedError is an opening handshake that was refused. A server
// gets it from Upgrader, HTTPUpgrader and ServerHandshake when the request
// broke a rule, and returns one itself from a callback to say how the
// connection is to be rejected. Find it with errors.As; errors.Is finds the
// rule, for example ErrHandshakeBadConnection.
type ConnectionRejectedError struct {
	// Status is the HTTP status of the response. Outside 200 to 599 it is
	// sent as 500.
	Status int
	// Reason is the text of the response's body.
	Reason string
	// Header holds further fields of the response; it may be nil.
	Header HandshakeHeader
	// Value is what the peer sent where the rule wants something else, cut
	// to 64 bytes. It is for logs; the response does not repeat it.
	Value string
	// Err is the rule that was broken, joined with what a lower layer found;
	// it may be nil.
	Err error

	cause error // what a lower layer found: its text holds Value
}

// Error returns the reason, with the offending value if there is one.
func (r *ConnectionRejectedError) Error() string {
	s := "ws: " + r.Reason
	if r.Reason == "" {
		s = "ws: connection rejected with status " + strconv.Itoa(r.Status)
	}
	switch {
	case r.cause != nil:
		return s + ": " + r.cause.Error()
	case r.Value != "":
		return s + ": " + strconv.Quote(r.Value)
	}
	return s
}

// Unwrap returns Err.
func (r *ConnectionRejectedError) Unwrap() error { return r.Err }

// StatusCode returns Status.
func (r *ConnectionRejectedError) StatusCode() int { return r.Status }

// RejectOption sets a part of the error that RejectConnectionError makes.
type RejectOption func(*ConnectionRejectedError)

// RejectionStatus sets the HTTP status of the response.
func RejectionStatus(code int) RejectOption {
	return func(r *ConnectionRejectedError) { r.Status = code }
}

// RejectionReason sets the text of the response's body.
func RejectionReason(reason string) RejectOption {
	return func(r *ConnectionRejectedError) { r.Reason = reason }
}

// RejectionHeader adds fields to the response.
func RejectionHeader(h HandshakeHeader) RejectOption {
	return func(r *ConnectionRejectedError) { r.Header = h }
}

// RejectConnectionError returns a *ConnectionRejectedError for a callback to
// return. Without options it is answered with status 500.
func RejectConnectionError(options ...RejectOption) error {
	r := new(ConnectionRejectedError)
	for _, set := range options {
		set(r)
	}
	return r
}

// The rules of the opening handshake (RFC 6455, sections 4.1 and 4.2). Errors
// that are returned wrap these, to carry the offending value: compare with
// errors.Is.
var (
	ErrMalformedRequest       = rule(400, "malformed HTTP request")
	ErrHandshakeBadProtocol   = rule(505, "the HTTP version is not 1.1")
	ErrHandshakeBadMethod     = ruleWith(405, "the method is not GET", "Allow: GET\r\n")
	ErrHandshakeBadHost       = rule(400, `bad "Host" header`)
	ErrHandshakeBadUpgrade    = rule(400, `"Upgrade" header without "websocket"`)
	ErrHandshakeBadConnection = rule(400, `"Connection" header without "Upgrade"`)
	ErrHandshakeBadSecKey     = rule(400, `bad "Sec-WebSocket-Key" header`)
	ErrHandshakeBadSecAccept  = rule(400, `bad "Sec-WebSocket-Accept" header`)
	// ErrHandshakeBadSecVersion: no version was given at all, or two.
	ErrHandshakeBadSecVersion = rule(400, `bad "Sec-WebSocket-Version" header`)
	// ErrHandshakeUpgradeRequired: a version was given, but not 13. RFC 6455,
	// 4.4: the answer names the version that is understood; RFC 9110,
	// 15.5.22: a 426 names the protocol to upgrade to.
	ErrHandshakeUpgradeRequired = ruleWith(426, "the WebSocket version is not 13",
		"Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	// ErrHandshakeBadBody: a request that announces a body could smuggle
	// another request past a proxy that reads it as payload.
	ErrHandshakeBadBody = rule(400, "an upgrade request must not announce a body")
	// ErrHandshakeEarlyData: RFC 6455, 4.1: the client "MUST wait for a
	// response from the server before sending any further data".
	ErrHandshakeEarlyData = rule(400, "data was sent before the handshake was answered")
	// ErrHandshakeBadOrigin: the Origin policy that the server has set does
	// not allow this origin.
	ErrHandshakeBadOrigin = rule(403, "the Origin policy of this server does not allow this origin")
	// ErrHandshakeHTTP2: HTTP/2 has no socket to hijack; HTTPUpgrader.UpgradeStream
	// answers an extended CONNECT (RFC 8441).
	ErrHandshakeHTTP2 = rule(501, "WebSocket over HTTP/2 is not offered here: connect with HTTP/1.1")
	// ErrHandshakeNotExtendedConnect: over HTTP/2 and HTTP/3, a WebSocket begins with
	// an extended CONNECT (RFC 8441, section 5).
	ErrHandshakeNotExtendedConnect = rule(400, "a WebSocket over HTTP/2 begins with an extended CONNECT")
	// ErrHandshakeBadStreamProtocol: :protocol has to be websocket (RFC 8441, section
	// 5; RFC 9220, section 3 wants 501).
	ErrHandshakeBadStreamProtocol = rule(501, "the :protocol of an extended CONNECT has to be websocket here")
	// ErrNotFlusher: the http.ResponseWriter cannot send what has been written
	// without ending the response.
	ErrNotFlusher = rule(500, "http.ResponseWriter does not support flushing")
	// ErrNotHijacker: the http.ResponseWriter does not give its connection
	// away.
	ErrNotHijacker = rule(500, "http.ResponseWriter does not support hijacking")
	// ErrHandshakeBadResponse: what a callback wants to put into the response
	// would break it.
	ErrHandshakeBadResponse = rule(500, "the response to the handshake cannot be built")
	// ErrHandshakeHeadTooLarge: the request head went over the Limits.
	ErrHandshakeHeadTooLarge = rule(431, "request head too large")
)

// ErrNotWebSocket is what ServerHandshake returns for a sound HTTP request
// that does not ask for WebSocket. Nothing was consumed and nothing is to be
// sent: the bytes are the caller's, to serve them as plain HTTP.
var ErrNotWebSocket = errors.New("ws: the request does not ask for an upgrade to WebSocket")

func rule(status int, reason string) error {
	return &ConnectionRejectedError{Status: status, Reason: "handshake error: " + reason}
}

func ruleWith(status int, reason, header string) error {
	return &ConnectionRejectedError{Status: status, Reason: "handshake error: " + reason, Header: HandshakeHeaderString(header)}
}

// reject says which rule value breaks. The result has the rule's answer.
// NOTE: inlined, it would be the largest part of the stack of those who check.
//
//go:noinline
func reject[T string | []byte](rule error, value T) error {
	r := *rule.(*ConnectionRejectedError)
	r.Value = string(value[:min(len(value), 64)])
	r.Err = rule
	return &r
}

// rejectCause answers by rule for what err found.
func rejectCause(rule, err error) error {
	r := *rule.(*ConnectionRejectedError)
	if syntax, ok := errors.AsType[*httpx.SyntaxError](err); ok {
		r.Value = syntax.Value
	}
	r.cause = err
	r.Err = errors.Join(rule, err)
	return &r
}

// rejectHead turns what httpx found into its rejection.
func rejectHead(err error) error {
	if errors.Is(err, httpx.ErrLimit) {
		return rejectCause(ErrHandshakeHeadTooLarge, err)
	}
	if syntax, ok := errors.AsType[*httpx.SyntaxError](err); ok && syntax.Part == "host" {
		return rejectCause(ErrHandshakeBadHost, err)
	}
	return rejectCause(ErrMalformedRequest, err)
}

// Package refusal tells why handshakes fail, in the words of wsproto.Stats.Refused.
package refusal

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// The reasons that every shell knows.
const (
	Origin       = "origin"        // a web page from elsewhere
	Version      = "version"       // of WebSocket
	HTTP2        = "http2"         // which is not taken there
	NotWebSocket = "not_websocket" // the request is for something else
	Malformed    = "malformed"     // the peer has broken a rule
	TooLarge     = "too_large"     // a head over its limits
	Status       = "status"        // the server has answered with another one
	Timeout      = "timeout"
	Cancelled    = "cancelled"
	Transport    = "transport" // it failed
	Shutdown     = "shutdown"  // of a server
	Program      = "program"   // an error of the program's
	Limit        = "limit"     // of the connections of a server
)

// reasons are the errors that tell a reason. Of several in one error, that which
// stands first here counts.
var reasons = []struct {
	reason string
	errs   []error
}{
	{Origin, []error{ws.ErrHandshakeBadOrigin}},
	{Version, []error{ws.ErrHandshakeUpgradeRequired, ws.ErrHandshakeBadSecVersion}},
	{HTTP2, []error{ws.ErrHandshakeHTTP2}},
	{NotWebSocket, []error{ws.ErrNotWebSocket, ws.ErrHandshakeBadProtocol, ws.ErrHandshakeBadMethod, ws.ErrHandshakeBadUpgrade,
		ws.ErrHandshakeBadConnection, ws.ErrHandshakeNotExtendedConnect, ws.ErrHandshakeBadStreamProtocol}},
	{TooLarge, []error{ws.ErrHandshakeHeadTooLarge, httpx.ErrLimit}},
	{Status, []error{ws.ErrHandshakeBadStatus}},
	{Cancelled, []error{context.Canceled}},
	{Timeout, []error{context.DeadlineExceeded, os.ErrDeadlineExceeded}},
	{Malformed, []error{ws.ErrMalformedRequest, ws.ErrHandshakeBadHost, ws.ErrHandshakeBadSecKey, ws.ErrHandshakeBadSecAccept,
		ws.ErrHandshakeBadBody, ws.ErrHandshakeEarlyData, ws.ErrMalformedResponse, ws.ErrHandshakeBadSubProtocol,
		ws.ErrHandshakeBadFraming, ws.ErrHandshakeBadExtensions, httpx.ErrSyntax}},
	{Transport, []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, os.ErrClosed}},
}

// Reason returns why a handshake has failed with err.
func Reason(err error) string {
	for _, r := range reasons {
		for _, target := range r.errs {
			if errors.Is(err, target) {
				return r.reason
			}
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return Transport
	}
	return Program
}

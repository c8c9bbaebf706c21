package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// Why handshakes fail, in Stats.Refused. Counters says what they are.
const (
	refusedOrigin       = "origin"
	refusedVersion      = "version"
	refusedHTTP2        = "http2"
	refusedNotWebSocket = "not_websocket"
	refusedMalformed    = "malformed"
	refusedTooLarge     = "too_large"
	refusedStatus       = "status"
	refusedTimeout      = "timeout"
	refusedCancelled    = "cancelled"
	refusedTransport    = "transport"
	refusedLimit        = "limit"
	refusedRate         = "rate"
	refusedShutdown     = "shutdown"
	refusedProgram      = "program"
)

// refusals are the errors that tell a reason. Of several in one error, that which
// stands first here counts.
var refusals = []struct {
	reason string
	errs   []error
}{
	{refusedLimit, []error{ErrTooManyConns, ErrTooManyPerKey}},
	{refusedRate, []error{ErrTooManyHandshakes}},
	{refusedShutdown, []error{ErrServerClosed}},
	{refusedOrigin, []error{ws.ErrHandshakeBadOrigin}},
	{refusedVersion, []error{ws.ErrHandshakeUpgradeRequired, ws.ErrHandshakeBadSecVersion}},
	{refusedHTTP2, []error{ws.ErrHandshakeHTTP2}},
	{refusedNotWebSocket, []error{ws.ErrNotWebSocket, ws.ErrHandshakeBadProtocol, ws.ErrHandshakeBadMethod,
		ws.ErrHandshakeBadUpgrade, ws.ErrHandshakeBadConnection}},
	{refusedTooLarge, []error{ws.ErrHandshakeHeadTooLarge, httpx.ErrLimit}},
	{refusedStatus, []error{ws.ErrHandshakeBadStatus}},
	{refusedCancelled, []error{context.Canceled}},
	{refusedTimeout, []error{context.DeadlineExceeded, os.ErrDeadlineExceeded}},
	{refusedMalformed, []error{ws.ErrMalformedRequest, ws.ErrHandshakeBadHost, ws.ErrHandshakeBadSecKey, ws.ErrHandshakeBadSecAccept,
		ws.ErrHandshakeBadBody, ws.ErrHandshakeEarlyData, ws.ErrMalformedResponse, ws.ErrHandshakeBadSubProtocol,
		ws.ErrHandshakeBadFraming, ws.ErrHandshakeBadExtensions, httpx.ErrSyntax}},
	{refusedTransport, []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed}},
}

// refusal returns the reason for which a handshake has failed.
func refusal(err error) string {
	for _, r := range refusals {
		for _, target := range r.errs {
			if errors.Is(err, target) {
				return r.reason
			}
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return refusedTransport
	}
	return refusedProgram
}

// refused counts a handshake that has failed for err, which it returns. A nil
// Counters counts nothing.
func (n *Counters) refused(err error) error {
	if n != nil {
		reason := refusal(err)
		n.seldom.enter(func(s *Stats) {
			if s.Refused == nil {
				s.Refused = make(map[string]int64)
			}
			s.Refused[reason]++
		})
	}
	return err
}

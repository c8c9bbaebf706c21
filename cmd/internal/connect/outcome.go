package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var errTimeout = exit.With(exit.TimedOut, errors.New("allow more time by --timeout: timed out"))

var errEnded = errors.New("the connection has ended; this was not sent")

// closedError says that the server has closed the connection.
type closedError struct {
	code   ws.StatusCode
	reason string
}

func (e closedError) Error() string {
	return "closed by the server: " + closeText(e.code, e.reason)
}

// closeText returns a close code with its name, and the reason.
func closeText(code ws.StatusCode, reason string) string {
	text := fmt.Sprint(uint16(code))
	if name := code.String(); name != text {
		text += " " + name
	}
	if reason != "" {
		text += fmt.Sprintf(" %q", reason)
	}
	return text
}

// DialOutcome judges why a dial has failed, of this package or another: the error has
// the status that the command ends with, and a hint if there is one.
func DialOutcome(err error) error {
	at := shakingHands
	op, ok := errors.AsType[*net.OpError](err)
	_, unknown := errors.AsType[*net.DNSError](err)
	_, distrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, system := errors.AsType[syscall.Errno](err) // of a program that calls it itself
	if ok && op.Op != "read" && op.Op != "write" || !ok && system || unknown || distrusted || noTLS || alert {
		at = connecting
	}
	return dialOutcome(err, at)
}

// dialOutcome judges why a dial has failed at a stage.
func dialOutcome(err error, at stage) error {
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return exit.With(exit.TimedOut, fmt.Errorf("allow more time by --connect-timeout, or look at the host and the port: %w", err))
	case errors.Is(err, context.Canceled):
		return exit.ErrInterrupted
	case ok:
		text := fmt.Sprintf("refused with %d %s", refusal.Status, plain.Line(refusal.Reason))
		if len(refusal.Body) > 0 {
			text += ": " + plain.Line(firstLine(refusal.Body))
		}
		return exit.With(exit.Refused, advised(text, err))
	case at == preparing:
		return exit.With(exit.Failed, err)
	case at == connecting:
		return exit.With(exit.Unreachable, advised(err.Error(), err))
	case wsproto.CloseCode(err) == ws.StatusAbnormalClosure:
		return exit.With(exit.Lost, fmt.Errorf("the connection was lost in the handshake: %w", err))
	}
	return exit.With(exit.BrokenRules, err)
}

// endOutcome judges how an open connection has ended. ours is the code that
// we have closed it with, or 0.
func endOutcome(err error, ours ws.StatusCode) error {
	if closed, ok := errors.AsType[closedError](err); ok {
		switch closed.code {
		case ws.StatusNormalClosure, ws.StatusGoingAway, ws.StatusNoStatusRcvd, ours:
			return nil
		}
		return exit.With(exit.ClosedBadly, err)
	}
	switch {
	case isTimeout(err):
		return exit.With(exit.TimedOut, errors.New("allow more time by --close-timeout: the server has not answered the close frame"))
	case err == io.EOF:
		return exit.With(exit.Lost, errors.New("the connection was lost: it has ended without a close frame"))
	case wsproto.CloseCode(err) == ws.StatusAbnormalClosure:
		return exit.With(exit.Lost, fmt.Errorf("the connection was lost: %w", err))
	case wsproto.CloseCode(err) == ws.StatusMessageTooBig:
		return exit.With(exit.Failed, errors.New("allow longer messages by --max-message: the server has sent a longer one"))
	}
	return exit.With(exit.BrokenRules, fmt.Errorf("the server has broken the protocol: %w", err))
}

// explained is an error in other words.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, os.ErrDeadlineExceeded) || ok && timeout.Timeout()
}

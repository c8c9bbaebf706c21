package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Outcome is the exit status that says how a conversation has ended.
type Outcome int

// The outcomes. What is wrong before anything is tried, such as a flag, is
// Failed.
const (
	ClosedCleanly Outcome = 0
	Failed        Outcome = 1
	Unreachable   Outcome = 2 // the server cannot be reached, or TLS fails
	Refused       Outcome = 3 // the handshake was answered with another status
	BrokenRules   Outcome = 4 // of RFC 6455, by the server
	TimedOut      Outcome = 5
	ClosedBadly   Outcome = 6 // the server has closed with a code that tells of trouble
	Lost          Outcome = 7 // the connection has ended without a close frame
	Interrupted   Outcome = 130
)

// Outcomes explains them, for the command's help.
const Outcomes = `    0    closed cleanly: with 1000, 1001 or without a code
    1    something is wrong with the command itself, such as a flag or a file
    2    the server cannot be reached, or TLS fails
    3    the server has refused the handshake with an HTTP status
    4    the server has broken the protocol
    5    it took too long
    6    the server has closed with another code, such as 1011 or 1013, or before
         all messages had come that --count waits for
    7    the connection was lost: it has ended without a close frame
    130  interrupted`

// Error is an error with its Outcome.
type Error struct {
	Outcome Outcome
	Err     error
}

// Error returns the text of e.Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// ExitStatus returns the status that the command ends with.
func (e *Error) ExitStatus() int { return int(e.Outcome) }

var (
	errInterrupted = &Error{Interrupted, errors.New("interrupted")}
	errTimeout     = &Error{TimedOut, errors.New("timed out; --timeout allows more")}
)

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

// dialOutcome judges why a dial has failed at a stage.
func dialOutcome(err error, at stage) error {
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return &Error{TimedOut, fmt.Errorf("no connection in time: %w; --connect-timeout allows more", err)}
	case errors.Is(err, context.Canceled):
		return errInterrupted
	case ok:
		text := fmt.Sprintf("refused with %d %s", refusal.Status, plain.Line(refusal.Reason))
		if len(refusal.Body) > 0 {
			text += ": " + plain.Line(firstLine(refusal.Body))
		}
		return &Error{Refused, &explained{text, err}}
	case at == preparing:
		return &Error{Failed, err}
	case at == connecting:
		return &Error{Unreachable, err}
	case wsproto.CloseCode(err) == ws.StatusAbnormalClosure:
		return &Error{Lost, fmt.Errorf("the connection was lost in the handshake: %w", err)}
	}
	return &Error{BrokenRules, err}
}

// endOutcome judges how an open connection has ended. ours is the code that
// we have closed it with, or 0.
func endOutcome(err error, ours ws.StatusCode) error {
	if closed, ok := errors.AsType[closedError](err); ok {
		switch closed.code {
		case ws.StatusNormalClosure, ws.StatusGoingAway, ws.StatusNoStatusRcvd, ours:
			return nil
		}
		return &Error{ClosedBadly, err}
	}
	switch {
	case isTimeout(err):
		return &Error{TimedOut, errors.New("the server has not answered the close frame in time; --close-timeout allows more")}
	case err == io.EOF:
		return &Error{Lost, errors.New("the connection was lost: it has ended without a close frame")}
	case wsproto.CloseCode(err) == ws.StatusAbnormalClosure:
		return &Error{Lost, fmt.Errorf("the connection was lost: %w", err)}
	}
	return &Error{BrokenRules, fmt.Errorf("the server has broken the protocol: %w", err)}
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

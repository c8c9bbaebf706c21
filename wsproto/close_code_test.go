package wsproto_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestCloseCode(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want ws.StatusCode
	}{
		{nil, 1000},
		{ws.ErrProtocolMaskRequired, 1002},
		{ws.ErrHeaderLengthNotMinimal, 1002},
		{ws.ErrProtocolStatusCodeUnknown, 1002},
		{fmt.Errorf("U14: wrapped: %w", ws.ErrProtocolInvalidUTF8), 1007},
		{ws.ErrFrameTooLarge, 1009},
		{wsproto.ErrMessageTooLarge, 1009},
		{wsproto.ErrTooManyFragments, 1009},
		{wsproto.ErrTooManyControls, 1008},
		{errors.New("something of ours"), 1011},
		{io.EOF, 1006},
		{fmt.Errorf("wrapped: %w", io.ErrUnexpectedEOF), 1006},
		{os.ErrDeadlineExceeded, 1006},
		{net.ErrClosed, 1006},
		{&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, 1006},
		{io.ErrClosedPipe, 1006},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), 1011},
		{&os.PathError{Op: "open", Path: "/nonexistent", Err: os.ErrNotExist}, 1011},
		{fmt.Errorf("handler: %w", &net.OpError{Op: "dial", Err: errors.New("refused")}), 1011},
	} {
		if got := wsproto.CloseCode(tc.err); got != tc.want {
			t.Errorf("CloseCode(%v) = %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestCloseReason(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{ws.ErrProtocolMaskRequired, "ws: frame of a client is not masked"},
		{wsproto.ErrMessageTooLarge, "message is over the limit"},
		{errors.New("db: password of user x is wrong"), ""},
	} {
		if got := wsproto.CloseReason(tc.err); got != tc.want {
			t.Errorf("CloseReason(%v) = %q, want %q", tc.err, got, tc.want)
		}
	}
}

type ownCode ws.StatusCode

func (ownCode) Error() string               { return "own" }
func (c ownCode) StatusCode() ws.StatusCode { return ws.StatusCode(c) }

func TestNoCloseFrameHasACodeThatNoneMayHave(t *testing.T) {
	for _, code := range []ws.StatusCode{0, 1, 999, 1000, 1004, 1005, 1006, 1011, 1015, 1016, 2999, 3000, 4999, 5000, 65535} {
		var s wsproto.Sender
		if out := s.AppendAnswer(nil, wsproto.Event{}, ownCode(code), 0); len(out) > 0 {
			if _, _, err := ws.ParseClose(out[ws.MinHeaderSize:]); err != nil {
				t.Errorf("%d: % x: %v", code, out, err)
			}
		}
	}
}

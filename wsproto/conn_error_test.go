package wsproto_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// lost is an error of a shell, which errors.As has to find.
type lost struct{ n int }

func (lost) Error() string { return "lost" }

func TestConnErrorIsFoundByAllThatItConsistsOf(t *testing.T) {
	everybody := []wsproto.EndedBy{wsproto.EndedByPeer, wsproto.EndedByUs, wsproto.EndedByTransport, wsproto.EndedByTimeout, wsproto.EndedByViolation}
	for _, by := range everybody {
		for name, e := range map[string]*wsproto.ConnError{
			"nothing": {By: by},
			"Err":     {By: by, Err: io.ErrUnexpectedEOF},
			"Causes":  {By: by, Causes: []error{net.ErrClosed, lost{7}}},
			"both":    {By: by, Err: io.ErrUnexpectedEOF, Causes: []error{net.ErrClosed, lost{7}}},
		} {
			err := fmt.Errorf("reading: %w", e)
			for _, other := range everybody {
				if got, want := errors.Is(err, other), other == by; got != want {
					t.Errorf("%v, %s: Is %v: %v, want %v", by, name, other, got, want)
				}
			}
			if got, want := errors.Is(err, io.ErrUnexpectedEOF), name == "Err" || name == "both"; got != want {
				t.Errorf("%v, %s: Is Err: %v, want %v", by, name, got, want)
			}
			var l lost
			if got, want := errors.As(err, &l) && l.n == 7 && errors.Is(err, net.ErrClosed), name == "Causes" || name == "both"; got != want {
				t.Errorf("%v, %s: Is and As of Causes: %v, want %v", by, name, got, want)
			}
			var n net.Error
			if !errors.As(err, &n) || n.Timeout() != (by == wsproto.EndedByTimeout) {
				t.Errorf("%v, %s: want a net.Error that says whether it was a timeout", by, name)
			}
			if len(e.Causes) != 0 && e.Causes[0] != net.ErrClosed {
				t.Errorf("%v, %s: Unwrap has changed Causes", by, name)
			}
		}
	}
}

func TestConnErrorText(t *testing.T) {
	for _, tc := range []struct {
		e     wsproto.ConnError
		want  string
		clean bool
	}{
		{wsproto.ConnError{By: wsproto.EndedByPeer, Code: 1000, Reason: "bye", Received: &wsproto.CloseFrame{Code: 1000, Reason: "bye"}}, `websocket: closed by the peer: 1000 ` + ws.StatusCode(1000).String() + ` "bye"`, true},
		{wsproto.ConnError{By: wsproto.EndedByTransport, Code: ws.StatusAbnormalClosure, Err: io.EOF}, "websocket: the transport has ended: EOF", false},
		{wsproto.ConnError{By: wsproto.EndedByTimeout, Code: ws.StatusAbnormalClosure}, "websocket: timed out", false},
		{wsproto.ConnError{Code: ws.StatusAbnormalClosure, Causes: []error{net.ErrClosed}}, "websocket: not ended", false},
	} {
		if got := tc.e.Error(); got != tc.want || tc.e.Clean() != tc.clean {
			t.Errorf("%s, clean %v, want %s, %v", got, tc.e.Clean(), tc.want, tc.clean)
		}
	}
}

func TestFaultOf(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want wsproto.EndedBy
	}{
		{ws.ErrProtocolMaskRequired, wsproto.EndedByViolation},
		{ws.ErrProtocolInvalidUTF8, wsproto.EndedByViolation},
		{fmt.Errorf("wrapped: %w", ws.ErrProtocolInvalidUTF8), wsproto.EndedByViolation},
		{wsproto.ErrMessageTooLarge, wsproto.EndedByUs},
		{wsproto.ErrTooManyControls, wsproto.EndedByUs},
		{errors.New("of a handler"), wsproto.EndedByUs},
	} {
		if got := wsproto.FaultOf(tc.err); got != tc.want {
			t.Errorf("%v: %v, want %v", tc.err, got, tc.want)
		}
	}
}

func TestAReceiverSaysWhetherTheDecoderMadeAPiece(t *testing.T) {
	in := join(rsvFrame(4, text, false, "\x02a"), frame(ping, true, "?"), frame(cont, true, "\x02b"), frame(text, true, "plain"))
	for _, size := range []int{1, 2, 100} { // of the room
		r := wsproto.Receiver{Decoder: new(runs)}
		room, b, got := make([]byte, size), append([]byte(nil), in...), ""
		for {
			ev, n, err := r.Next(b, room)
			if err != nil {
				break
			}
			b = b[n:]
			if want := string(ev.Payload) != "plain"; !ev.Op.IsControl() && r.Decodes() != want {
				t.Errorf("room for %d: %v %q: Decodes() %v, want %v", size, ev.Op, ev.Payload, r.Decodes(), want)
			}
			got += string(ev.Payload)
		}
		if want := "aa?bbplain"; got != want {
			t.Errorf("room for %d: %s, want %s", size, got, want)
		}
	}
}

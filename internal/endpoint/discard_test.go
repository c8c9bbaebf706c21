package endpoint

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// After Discard, nothing that may come in a message keeps the peer's close frame
// from being found, and nothing of it is kept. Violations are found as before.
func TestADiscardingInboxFindsTheCloseFrame(t *testing.T) {
	closing := masked(ws.OpClose, true, "\x03\xe8bye")
	long := strings.Repeat("x", 2000)
	runsBit := new(runs).Bits()
	for name, tc := range map[string]struct {
		before, after []byte
		err           error
	}{
		"nothing else":                    {nil, closing, io.EOF},
		"a message that has begun":        {masked(ws.OpText, false, "Hel"), join(masked(ws.OpContinuation, true, "lo"), closing), io.EOF},
		"one that is decoded":             {rsvFrame(runsBit, ws.OpText, false, "\x02a"), join(masked(ws.OpContinuation, true, "\x04b"), closing), io.EOF},
		"text that is none":               {nil, join(masked(ws.OpText, true, "\xff"), closing), io.EOF},
		"what cannot be decoded":          {nil, join(rsvFrame(runsBit, ws.OpText, true, "\xff"), closing), io.EOF},
		"more than the limit":             {nil, join(masked(ws.OpBinary, true, long), closing), io.EOF},
		"more fragments than the limit":   {nil, join(masked(ws.OpText, false, ""), masked(ws.OpContinuation, false, ""), masked(ws.OpContinuation, true, ""), closing), io.EOF},
		"a frame that nobody may send":    {nil, masked(ws.OpContinuation, true, ""), ws.ErrProtocolContinuationUnexpected},
		"a bit that nobody has agreed on": {nil, rsvFrame(1, ws.OpText, true, ""), ws.ErrProtocolNonZeroRsv},
	} {
		t.Run(name, func(t *testing.T) {
			config, discard := wsproto.Config{Limits: wsproto.Limits{Message: 1000, Fragments: 2}}, DiscardConfig(ws.StateServerSide)
			in := Inbox{Receiver: wsproto.Receiver{Config: &config, Decoder: new(runs)}}
			in.Take(tc.before)
			if _, ok, err := wholeMessage(&in); ok || err != nil {
				t.Fatal(ok, err)
			}
			in.Discard(&discard)
			in.Take(tc.after)
			for {
				ev, ok, err := wholeMessage(&in)
				if err != nil {
					if err != tc.err {
						t.Errorf("%v, want %v", err, tc.err)
					}
					return
				}
				switch {
				case ok && ev.Op == ws.OpClose:
					if tc.err != io.EOF || string(ev.Reason()) != "bye" {
						t.Errorf("a close frame with %q", ev.Reason())
					}
					return
				case ok && in.Receiver.Decodes() && len(ev.Payload) > 0:
					t.Errorf("%d bytes are decoded", len(ev.Payload))
				case !ok && in.Dry():
					t.Fatal("it wants more")
				}
			}
		})
	}
}

func TestCauses(t *testing.T) {
	own := errors.New("own")
	for _, tc := range []struct {
		name      string
		got, want wsproto.ConnError
	}{
		{"a close frame", CloseFrameCause(wsproto.Event{Op: ws.OpClose, Payload: []byte("\x0f\xa0why")}),
			wsproto.ConnError{By: wsproto.EndedByPeer, Code: 4000, Reason: "why", Received: &wsproto.CloseFrame{Code: 4000, Reason: "why"}}},
		{"one without a code", CloseFrameCause(wsproto.Event{Op: ws.OpClose}),
			wsproto.ConnError{By: wsproto.EndedByPeer, Code: ws.StatusNoStatusRcvd, Received: &wsproto.CloseFrame{Code: ws.StatusNoStatusRcvd}}},
		{"a violation", FaultCause(ws.ErrProtocolMaskRequired),
			wsproto.ConnError{By: wsproto.EndedByViolation, Code: ws.StatusProtocolError, Reason: ws.ErrProtocolMaskRequired.Error(), Err: ws.ErrProtocolMaskRequired}},
		{"a limit", FaultCause(wsproto.ErrMessageTooLarge),
			wsproto.ConnError{By: wsproto.EndedByUs, Code: ws.StatusMessageTooBig, Reason: "message is over the limit", Err: wsproto.ErrMessageTooLarge}},
		{"an error of an extension", FaultCause(own),
			wsproto.ConnError{By: wsproto.EndedByUs, Code: ws.StatusInternalServerError, Err: own}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: %+v, want %+v", tc.name, tc.got, tc.want)
		}
	}
}

package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var (
	serverConfig = &wsproto.Config{}
	clientConfig = &wsproto.Config{State: ws.StateClientSide, Mask: func() [4]byte { return [4]byte{0x37, 0xfa, 0x21, 0x3d} }}
)

// masked is a frame of a client, bare one of a server.
func masked(op ws.OpCode, fin bool, payload string) []byte { return rsvFrame(0, op, fin, payload) }

func rsvFrame(rsv byte, op ws.OpCode, fin bool, payload string) []byte {
	f := ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), clientConfig.Mask())
	f.Header.Rsv = rsv
	return ws.AppendFrame(nil, f)
}

func bare(op ws.OpCode, fin bool, payload string) []byte {
	return ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(payload)))
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// outcome is what has been made of received bytes: messages and control frames
// in order, what has come of a message whose end has not, and the error.
type outcome struct {
	events []string
	part   []byte
	err    error
}

func (o outcome) String() string {
	return fmt.Sprintf("%.500q, part %.100q, %v", o.events, o.part, o.err)
}

// is reports whether two outcomes are the same. What has come of a message does
// not count after an error, which a Decoder may make anew each time.
func (o outcome) is(want outcome) bool {
	same := errors.Is(o.err, want.err) || o.err != nil && want.err != nil && o.err.Error() == want.err.Error()
	return same && slices.Equal(o.events, want.events) && (want.err != nil || string(o.part) == string(want.part))
}

// collector makes an outcome of events.
type collector struct {
	outcome
	open bool
}

func (c *collector) add(t testing.TB, ev wsproto.Event) {
	t.Helper()
	switch {
	case ev.Op == ws.OpClose:
		c.events = append(c.events, fmt.Sprintf("close:%d:%s", uint16(ev.Code()), ev.Reason()))
	case ev.Op.IsControl():
		c.events = append(c.events, fmt.Sprintf("%v:%s", ev.Op, ev.Payload))
	default:
		if ev.First == c.open {
			t.Fatalf("a piece with First = %v where a message is open: %v", ev.First, c.open)
		}
		c.part = append(c.part, ev.Payload...)
		if c.open = !ev.Last; ev.Last {
			c.events = append(c.events, fmt.Sprintf("%v:%s", ev.Op, c.part))
			c.part = nil
		}
	}
}

// received is what a wsproto.Receiver makes of in, given all at once.
func received(t testing.TB, config *wsproto.Config, d wsproto.Decoder, in []byte) outcome {
	t.Helper()
	r := wsproto.Receiver{Config: config, Decoder: d}
	var c collector
	room := make([]byte, 1<<16)
	for b := bytes.Clone(in); ; {
		ev, n, err := r.Next(b, room)
		if err == ws.ErrShort {
			return c.outcome
		}
		if err != nil {
			c.err = err
			return c.outcome
		}
		c.add(t, ev)
		b = b[n:]
	}
}

// runs is [wstest.Runs] as an Extension.
type runs struct{ wstest.Runs }

func (x *runs) BeginEncode(op ws.OpCode, size int64) byte { return x.Begin(size) }

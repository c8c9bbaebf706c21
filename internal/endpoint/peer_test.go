package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

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

// runs is an extension for tests: a message that has RSV1 set consists of
// pairs, a count and a byte to repeat. It makes much of little, so that one
// call's room is not enough. It is that of wsproto's tests.
type runs struct {
	count byte // of the pair that has begun; 0: none
	left  byte // repetitions of value that dst had no room for
	value byte

	last  byte // the run that Encode has begun
	times byte
	out   []byte // pairs that dst had no room for
}

var errRuns = errors.New("runs: cut off in the middle of a pair")

func (x *runs) Bits() byte { return 4 }

func (x *runs) BeginDecode(rsv byte) (bool, error) {
	x.count, x.left = 0, 0
	return rsv != 0, nil
}

func (x *runs) Decode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; x.left > 0; x.left-- {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.value)
		}
		if n == len(src) {
			break
		}
		if x.count == 0 {
			x.count = src[n]
			n++
			continue
		}
		x.left, x.value, x.count = x.count, src[n], 0
		n++
	}
	if fin && x.count != 0 {
		return dst, n, errRuns
	}
	return dst, n, nil
}

func (x *runs) BeginEncode(op ws.OpCode, size int64) byte {
	x.times, x.out = 0, nil
	if size >= 0 && size < 4 {
		return 0
	}
	return 4
}

func (x *runs) Encode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; len(x.out) > 0; x.out = x.out[1:] {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.out[0])
		}
		switch {
		case n == len(src) && fin && x.times > 0:
			x.out, x.times = []byte{x.times, x.last}, 0
		case n == len(src):
			return dst, n, nil
		case x.times == 0:
			x.times, x.last = 1, src[n]
			n++
		case x.times < 255 && src[n] == x.last:
			x.times++
			n++
		default:
			x.out, x.times = []byte{x.times, x.last}, 0
		}
	}
}

package wsproto_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// frame is a frame of a client, masked, as it stands on the wire.
func frame(op ws.OpCode, fin bool, payload string) []byte {
	return rsvFrame(0, op, fin, payload)
}

func rsvFrame(rsv byte, op ws.OpCode, fin bool, payload string) []byte {
	f := ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), [4]byte{0x37, 0xfa, 0x21, 0x3d})
	f.Header.Rsv = rsv
	return ws.AppendFrame(nil, f)
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// result is what a peer's bytes come to, however they were cut: the messages
// and control frames in order, and the error.
type result struct {
	events []string
	err    error
}

func (r result) String() string { return fmt.Sprintf("%q %v", r.events, r.err) }

// feed gives the pieces of in to a Receiver, one after the other, and sees to
// what Next promises on the way.
func feed(t testing.TB, r *wsproto.Receiver, roomSize int, pieces ...[]byte) result {
	t.Helper()
	var res result
	var message []byte
	open := false
	room := make([]byte, roomSize)
	for _, piece := range pieces {
		b := bytes.Clone(piece)
		for {
			before := bytes.Clone(b)
			ev, n, err := r.Next(b, room)
			if n > len(b) || !bytes.Equal(before[n:], b[n:]) {
				t.Fatalf("Next consumed %d of %d bytes and changed others", n, len(b))
			}
			b = b[n:]
			if err == ws.ErrShort {
				if len(b) != 0 {
					t.Fatalf("ErrShort with %d bytes left", len(b))
				}
				break
			}
			if err != nil {
				if _, n, again := r.Next(b, room); n != 0 || again != err {
					t.Fatalf("after %v: Next returns %d, %v", err, n, again)
				}
				res.err = err
				if open {
					res.events = append(res.events, "open:"+string(message))
				}
				return res
			}
			if ev.Op.IsControl() {
				s := fmt.Sprintf("%v:%s", ev.Op, ev.Payload)
				if ev.Op == ws.OpClose {
					s = fmt.Sprintf("close:%d:%s", uint16(ev.Code()), ev.Reason())
				}
				res.events = append(res.events, s)
				continue
			}
			if ev.First == open {
				t.Fatalf("First is %v in an event of a message that is open: %v", ev.First, open)
			}
			if len(ev.Payload) == 0 && !ev.Last {
				t.Fatal("event without payload that ends nothing")
			}
			message = append(message, ev.Payload...)
			if open = !ev.Last; ev.Last {
				res.events = append(res.events, fmt.Sprintf("%v:%s", ev.Op, message))
				message = nil
			}
		}
	}
	if open {
		res.events = append(res.events, "open:"+string(message))
	}
	return res
}

// feedEverySplit demands the same result for the whole of in, for every split
// in two, for every byte on its own and, if in is short, for every split in
// three.
func feedEverySplit(t testing.TB, fresh func() *wsproto.Receiver, roomSize int, in []byte) result {
	t.Helper()
	want := feed(t, fresh(), roomSize, in)
	same := func(how string, got result) {
		if got.String() != want.String() || !errors.Is(got.err, want.err) {
			t.Fatalf("%s:\n got %v\nwant %v", how, got, want)
		}
	}
	var single [][]byte
	for i := range in {
		single = append(single, in[i:i+1])
	}
	same("byte by byte", feed(t, fresh(), roomSize, single...))
	for i := range in {
		same(fmt.Sprintf("cut at %d", i), feed(t, fresh(), roomSize, in[:i], in[i:]))
		if len(in) > 100 {
			continue
		}
		for j := i; j < len(in); j++ {
			same(fmt.Sprintf("cut at %d and %d", i, j), feed(t, fresh(), roomSize, in[:i], in[i:j], in[j:]))
		}
	}
	return want
}

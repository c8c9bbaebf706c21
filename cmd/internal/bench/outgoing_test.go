package bench

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// sent takes what there is to write in pieces of n bytes.
func sent(w *outgoing, n int) (stream []byte) {
	for b := w.chunk(); len(b) > 0; b = w.chunk() {
		b = b[:min(n, len(b))]
		stream = append(stream, b...)
		w.wrote(len(b))
	}
	return stream
}

func TestMessagesLeaveInOrderWithControlFramesBetween(t *testing.T) {
	pong := ws.AppendFrame(nil, ws.MaskFrame(ws.NewPongFrame([]byte("!"))))
	for _, fresh := range []bool{false, true} {
		for _, fragment := range []int{0, 30} {
			o := testOptions(func(o *Options) { o.Size, o.Fragment, o.FreshMasks = 70_000, fragment*1000, fresh })
			s := newScript(o)
			for _, piece := range []int{1000, 70_007, 1 << 20} {
				first := len(s.plain) - 1
				w := newOutgoing(s, first, o)
				w.add(2)
				b := w.chunk()
				b = b[:min(len(b), piece)]
				stream := bytes.Clone(b)
				w.wrote(len(b))
				w.control = append(w.control, pong...) // in the middle of a message, or between
				w.add(3)
				stream = append(stream, sent(&w, piece)...)

				recv := wsproto.Receiver{Config: &wsproto.Config{SkipUTF8: true}}
				var all wsproto.Assembler
				messages, pongs := 0, 0
				for len(stream) > 0 {
					ev, n, err := recv.Next(stream, nil)
					if err != nil {
						t.Fatalf("fresh %v, fragment %d, piece %d: %v", fresh, fragment, piece, err)
					}
					stream = stream[n:]
					if ev.Op == ws.OpPong {
						pongs++
						continue
					}
					if m, done := all.Add(ev); done {
						if want := s.plain[(first+messages)%len(s.plain)]; ev.Op != s.op || !bytes.Equal(m, want) {
							t.Fatalf("message %d is not what is to be sent", messages)
						}
						messages++
					}
				}
				if messages != 5 || pongs != 1 {
					t.Errorf("fresh %v, fragment %d, piece %d: %d messages, %d pongs", fresh, fragment, piece, messages, pongs)
				}
			}
		}
	}
}

func TestFreshMasksAreFresh(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		o := testOptions(func(o *Options) { o.Size, o.FreshMasks = 1<<20, fresh })
		s := newScript(o)
		w := newOutgoing(s, 0, o)
		w.add(len(s.plain))
		once := sent(&w, 1<<20)
		w.add(len(s.plain))
		if again := sent(&w, 1<<20); bytes.Equal(once, again) == fresh {
			t.Errorf("fresh %v: the second round is the first one: %v", fresh, !fresh)
		}
	}
}

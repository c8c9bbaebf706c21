package wsutil_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

func TestReaderLimitsWhatComesOutOfTheDecoder_F3(t *testing.T) {
	many := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, false, "\xffz"),
		clientFrame(ws.OpContinuation, false, "\xff{"),
		clientFrame(ws.OpContinuation, true, "\xff|"))
	for _, tt := range []struct {
		name  string
		in    []byte
		limit int64
		good  int // bytes before the error
		err   error
	}{
		{"n", rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, "\xffz"), 255, 255, nil},
		{"n+1", rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, "\xffz"), 254, 254, wsutil.ErrMessageTooLarge},
		{"n of fragments", many, 765, 765, nil},
		{"n+1 of fragments", many, 764, 764, wsutil.ErrMessageTooLarge},
		{"over in the second fragment", many, 300, 300, wsutil.ErrMessageTooLarge},
		{"longer on the wire", rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, "\x01a\x01a"), 3, 2, nil},
		{"on the wire", rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, strings.Repeat("\x00a", 34)), 3, 0, wsutil.ErrMessageTooLarge},
		{"on the wire, in fragments", join(rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, false, "\x01a"), clientFrame(ws.OpContinuation, true, strings.Repeat("\x00b", 33))), 3, 1, wsutil.ErrMessageTooLarge},
		{"none", many, 0, 765, nil},
	} {
		for _, size := range []int{1, 3, 254, 255, 256, 1000} {
			r := &wsutil.Reader{Source: bytes.NewReader(tt.in), State: ws.StateServerSide, MaxMessageSize: tt.limit, Decoder: &runs{}}
			var p []byte
			_, err := r.NextFrame()
			if err == nil {
				p, err = readSmall(size)(r)
			}
			if len(p) != tt.good || err != tt.err {
				t.Errorf("F3: %s, Reads of %d: got %d bytes, %v", tt.name, size, len(p), err)
			}
			if err != nil && wsproto.CloseCode(err) != ws.StatusMessageTooBig {
				t.Errorf("F3: %s: close code %d", tt.name, wsproto.CloseCode(err))
			}
		}
		for _, room := range []int{0, 1, 254, 255, 256, 764, 765, 766, 2000} {
			r := &wsutil.Reader{Source: bytes.NewReader(tt.in), State: ws.StateServerSide, MaxMessageSize: tt.limit, Decoder: &runs{}}
			p, _, err := r.ReadAppend(append(make([]byte, 0, 3+room), "dst"...))
			if want := tt.good; err != tt.err || (err == nil && len(p) != 3+want) || string(p[:3]) != "dst" {
				t.Errorf("F3: %s, ReadAppend with room for %d: got %d bytes, %v", tt.name, room, len(p), err)
			}
		}
	}
}

// The limit of the helpers stands in where a message is held in memory.
func TestReaderReadAppendLimitsWhatItDecodes_F3(t *testing.T) {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	wsutil.SetMaxMessageSize(300)
	bomb := rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, strings.Repeat("\xffz", 100))
	wire := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, false, strings.Repeat("\x01z", 100)),
		clientFrame(ws.OpContinuation, true, strings.Repeat("\x01z", 101)))
	for _, in := range [][]byte{bomb, wire} {
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: &runs{}}
		if _, _, err := r.ReadAppend(nil); err != wsutil.ErrMessageTooLarge {
			t.Errorf("F3: got %v", err)
		}
	}
}

// SetMaxMessageSize may be called, and MaxMessageSize changed, while a message
// is being read: what has come out may be more than the limit then.
func TestReaderTakesALimitThatIsLoweredInsideAMessage_F3(t *testing.T) {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	in := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, false, "\xffz"),
		clientFrame(ws.OpContinuation, true, "\xff{"))
	for _, tt := range []struct {
		name  string
		lower func(*wsutil.Reader)
	}{
		{"SetMaxMessageSize", func(*wsutil.Reader) { wsutil.SetMaxMessageSize(100) }},
		{"MaxMessageSize", func(r *wsutil.Reader) { r.MaxMessageSize = 100 }},
	} {
		wsutil.SetMaxMessageSize(1000)
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: &runs{}}
		r.OnContinuation = func(ws.Header, io.Reader) error {
			tt.lower(r)
			return nil
		}
		if _, _, err := r.ReadAppend(nil); err != wsutil.ErrMessageTooLarge {
			t.Errorf("F3: %s: got %v", tt.name, err)
		}
	}
}

func TestReaderReadAppendGrowsWithWhatComesOut(t *testing.T) {
	x := &runs{}
	for _, n := range []int{0, 1, 511, 512, 513, 100_000} {
		in := runsFrames(x, ws.StateServerSide, ws.OpBinary, strings.Repeat("z", n))
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, MaxMessageSize: int64(max(n, len(in))), Decoder: &runs{received: x.sent - byte((n+254)/255)}}
		p, _, err := r.ReadAppend(nil)
		if string(p) != strings.Repeat("z", n) || err != nil {
			t.Fatalf("%d bytes: got %d, %v", n, len(p), err)
		}
		if limit := max(n, len(in)); cap(p) > limit {
			t.Errorf("%d bytes, limit %d: %d are held", n, limit, cap(p))
		}
		room := make([]byte, 0, n)
		r = &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: &runs{received: x.sent - byte((n+254)/255)}}
		if p, _, err = r.ReadAppend(room); len(p) != n || cap(p) != n || err != nil {
			t.Errorf("%d bytes into room for as many: got %d of %d, %v", n, len(p), cap(p), err)
		}
		if n > 0 && &p[0] != &room[:1][0] {
			t.Errorf("%d bytes: not into the room that was given", n)
		}
	}
}

func TestReaderDecodesWithoutAllocating(t *testing.T) {
	x := &runs{}
	message := strings.Repeat("abc", 1000)
	in := join(
		runsFrames(x, ws.StateServerSide, ws.OpText, message, 1000, 1001),
		clientFrame(ws.OpPing, true, "?"),
		clientFrame(ws.OpText, true, "plain"))
	room := make([]byte, 0, len(message))
	small := make([]byte, 100)
	for name, f := range map[string]func(*wsutil.Reader) error{
		"ReadAppend": func(r *wsutil.Reader) error {
			_, _, err := r.ReadAppend(room)
			return err
		},
		"Read": func(r *wsutil.Reader) error {
			if _, err := r.NextFrame(); err != nil {
				return err
			}
			for {
				if _, err := r.Read(small); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
		},
		"Discard": func(r *wsutil.Reader) error {
			r.NextFrame()
			return r.Discard()
		},
	} {
		source := bytes.NewReader(nil)
		decoder := &runs{}
		r := &wsutil.Reader{Source: source, State: ws.StateServerSide, CheckUTF8: true, Decoder: decoder}
		wantAllocs(t, 0, func() {
			source.Reset(in)
			decoder.received = 0
			for source.Len() > 0 {
				if err := f(r); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		})
	}
}

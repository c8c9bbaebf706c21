package wsutil_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// frames parses what an endpoint in state s has written, and checks what holds
// for every frame of it.
func frames(t testing.TB, s ws.State, b []byte) (hs []ws.Header) {
	t.Helper()
	b = bytes.Clone(b)
	for len(b) > 0 {
		h, n, err := ws.ParseHeader(b)
		if err != nil || int64(len(b)-n) < h.Length {
			t.Fatalf("not a frame: % x, %v", b[:min(len(b), 20)], err)
		}
		if h.Masked != s.ClientSide() {
			t.Errorf("frame of state %d is masked: %v", s, h.Masked)
		}
		hs, b = append(hs, h), b[n+int(h.Length):]
	}
	return hs
}

// shape writes the headers of frames as opcode and length, with a + where more
// follows.
func shape(hs []ws.Header) string {
	var b strings.Builder
	for _, h := range hs {
		fmt.Fprintf(&b, "%v %d", h.OpCode, h.Length)
		if !h.Fin {
			b.WriteString("+")
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func TestWriterWritesFrames(t *testing.T) {
	flush := func(w *wsutil.Writer) error { return w.Flush() }
	fragment := func(w *wsutil.Writer) error { return w.FlushFragment() }
	write := func(n int) func(*wsutil.Writer) error {
		return func(w *wsutil.Writer) error {
			k, err := w.Write(make([]byte, n))
			if k != n {
				return fmt.Errorf("Write of %d: %d", n, k)
			}
			return err
		}
	}
	through := func(n int) func(*wsutil.Writer) error {
		return func(w *wsutil.Writer) error {
			k, err := w.WriteThrough(make([]byte, n))
			if err == nil && k != n {
				return fmt.Errorf("WriteThrough of %d: %d", n, k)
			}
			return err
		}
	}
	readFrom := func(n int) func(*wsutil.Writer) error {
		return func(w *wsutil.Writer) error {
			k, err := w.ReadFrom(bytes.NewReader(make([]byte, n)))
			if k != int64(n) {
				return fmt.Errorf("ReadFrom of %d: %d", n, k)
			}
			return err
		}
	}
	whole := func(w *wsutil.Writer) error { w.DisableFlush(); return nil }
	notEmpty := func(w *wsutil.Writer) error {
		if n, err := w.WriteThrough(nil); n != 0 || err != wsutil.ErrNotEmpty {
			return fmt.Errorf("WriteThrough behind Write: %d, %v", n, err)
		}
		return nil
	}
	binary := func(w *wsutil.Writer) error { w.ResetOp(ws.OpBinary); return nil }
	type ops []func(*wsutil.Writer) error

	for side, s := range sides {
		for _, tt := range []struct {
			name string
			do   ops
			want string
		}{
			{"nothing", ops{flush, fragment, flush}, ""},
			{"empty message", ops{write(0), flush, flush}, "text 0"},
			{"empty fragment is none", ops{write(0), fragment, flush}, "text 0"},
			{"message", ops{write(3), flush}, "text 3"},
			{"two messages", ops{write(3), flush, write(4), flush}, "text 3 text 4"},
			{"joined writes", ops{write(3), write(4), write(0), flush}, "text 7"},
			{"full buffer waits", ops{write(10), flush}, "text 10"},
			{"full buffer leaves for more", ops{write(10), write(1), flush}, "text 10+ continuation 1"},
			{"buffer is filled", ops{write(7), write(7), flush}, "text 10+ continuation 4"},
			{"past an empty buffer", ops{write(11), flush}, "text 11+ continuation 0"},
			{"past the buffer twice", ops{write(11), write(30), flush}, "text 11+ continuation 30+ continuation 0"},
			{"past the filled buffer", ops{write(1), write(30), flush}, "text 10+ continuation 21+ continuation 0"},
			{"fragment", ops{write(3), fragment, write(4), flush}, "text 3+ continuation 4"},
			{"fragment and an empty end", ops{write(3), fragment, fragment, flush}, "text 3+ continuation 0"},
			{"WriteThrough", ops{through(3), through(0), flush}, "text 3+ continuation 0+ continuation 0"},
			{"WriteThrough between", ops{write(3), notEmpty, fragment, through(20), write(1), flush}, "text 3+ continuation 20+ continuation 1"},
			{"ReadFrom nothing", ops{readFrom(0), flush}, "text 0"},
			{"ReadFrom", ops{readFrom(3), readFrom(4), flush}, "text 7"},
			{"ReadFrom more", ops{write(1), readFrom(22), flush}, "text 10+ continuation 10+ continuation 3"},
			{"DisableFlush", ops{whole, write(3), write(40), readFrom(50), write(0), flush}, "text 93"},
			{"DisableFlush holds for the next message", ops{whole, write(40), flush, write(500), flush}, "text 40 text 500"},
			{"DisableFlush and a fragment asked for", ops{whole, write(40), fragment, write(1), flush}, "text 40+ continuation 1"},
			{"ResetOp", ops{write(3), flush, binary, write(4), flush}, "text 3 binary 4"},
			{"ResetOp drops", ops{write(3), binary, flush, write(4), flush}, "binary 4"},
		} {
			var out countingWriter
			w := wsutil.NewWriterSize(&out, s, ws.OpText, 10)
			for i, op := range tt.do {
				if err := op(w); err != nil {
					t.Errorf("%s, %s, step %d: %v", side, tt.name, i, err)
				}
			}
			if w.Buffered() != 0 {
				t.Errorf("%s, %s: %d bytes left", side, tt.name, w.Buffered())
			}
			hs := frames(t, s, bytes.Join(out.Writes, nil))
			if got := shape(hs); got != tt.want {
				t.Errorf("%s, %s: got %s, want %s", side, tt.name, got, tt.want)
			}
			if len(out.Writes) != len(hs) {
				t.Errorf("%s, %s: %d writes for %d frames", side, tt.name, len(out.Writes), len(hs))
			}
		}
	}
}

// The size of a header depends on that of the payload: the buffers of Writers
// around 126 and 65,536 bytes.
func TestWriterAroundTheSizesOfHeaders(t *testing.T) {
	payload := pattern(66000)
	var lengths []int
	for _, around := range []int{1, 125, 130, 65535, 65550} {
		for n := max(1, around-8); n < around+8; n++ {
			lengths = append(lengths, n)
		}
	}
	for side, s := range sides {
		for _, size := range lengths {
			w := wsutil.NewWriterSize(io.Discard, s, ws.OpBinary, size)
			if w.Size() != size || w.Available() != size {
				t.Fatalf("%s: NewWriterSize(%d): Size is %d, Available %d", side, size, w.Size(), w.Available())
			}
			for _, n := range []int{1, 125, 126, size - 1, size, 65535, 65536} {
				if n > size || n < 1 {
					continue
				}
				var out bytes.Buffer
				w.Reset(&out, s, ws.OpBinary)
				w.Write(payload[:n])
				if w.Buffered() != n || w.Available() != size-n {
					t.Fatalf("%s: %d of %d: Buffered is %d, Available %d", side, n, size, w.Buffered(), w.Available())
				}
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				wantMessage(t, s, out.Bytes(), payload[:n])
			}
		}
		// Buffers of the caller, of every size.
		for _, size := range lengths {
			if size <= ws.HeaderSize(ws.Header{Masked: s.ClientSide()}) {
				continue
			}
			var out bytes.Buffer
			buf := make([]byte, size)
			w := wsutil.NewWriterBuffer(&out, s, ws.OpBinary, buf)
			if w.Size() >= size || w.Size() < size-14 {
				t.Errorf("%s: NewWriterBuffer(%d): Size is %d", side, size, w.Size())
			}
			n := w.Size()
			w.Write(payload[:n])
			if out.Len() > 0 || buf[size-1] != payload[n-1] {
				t.Errorf("%s: NewWriterBuffer(%d) does not use the buffer", side, size)
			}
			w.Flush()
			wantMessage(t, s, out.Bytes(), payload[:n])
		}
	}
}

// wantMessage demands a binary message in one frame.
func wantMessage(t testing.TB, s ws.State, b, payload []byte) {
	t.Helper()
	hs := frames(t, s, b)
	if len(hs) != 1 || !hs[0].Fin || hs[0].OpCode != ws.OpBinary {
		t.Fatalf("got the frames %s, want one", shape(hs))
	}
	p := bytes.Clone(b[ws.HeaderSize(hs[0]):])
	if hs[0].Masked {
		ws.Cipher(p, hs[0].Mask, 0)
	}
	if !bytes.Equal(p, payload) {
		t.Fatalf("a message of %d bytes has arrived changed", len(payload))
	}
}

func TestWriterSizes(t *testing.T) {
	for _, tt := range []struct {
		name string
		w    *wsutil.Writer
		want int
	}{
		{"NewWriter", wsutil.NewWriter(nil, ws.StateServerSide, ws.OpText), 4092},
		{"NewWriter of a client", wsutil.NewWriter(nil, ws.StateClientSide, ws.OpText), 4088},
		{"NewWriterSize 0", wsutil.NewWriterSize(nil, ws.StateServerSide, ws.OpText, 0), 4092},
		{"NewWriterSize -1", wsutil.NewWriterSize(nil, ws.StateServerSide, ws.OpText, -1), 4092},
		{"NewWriterBufferSize 2", wsutil.NewWriterBufferSize(nil, ws.StateServerSide, ws.OpText, 2), 4092},
		{"NewWriterBufferSize 3", wsutil.NewWriterBufferSize(nil, ws.StateServerSide, ws.OpText, 3), 1},
		{"GetWriter 1", wsutil.GetWriter(nil, ws.StateServerSide, ws.OpText, 1), 124},
		{"GetWriter 4096", wsutil.GetWriter(nil, ws.StateServerSide, ws.OpText, 4096), 4092},
		{"GetWriter 4097", wsutil.GetWriter(nil, ws.StateServerSide, ws.OpText, 4097), 8188},
		{"GetWriter 70000", wsutil.GetWriter(nil, ws.StateServerSide, ws.OpText, 70000), 131062},
	} {
		if got := tt.w.Size(); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
	for n := range 9 {
		for side, s := range sides {
			room := ws.HeaderSize(ws.Header{Masked: s.ClientSide()})
			if got := panics(func() { wsutil.NewWriterBuffer(nil, s, ws.OpText, make([]byte, n)) }); got != (n <= room) {
				t.Errorf("%s: NewWriterBuffer(%d): panics: %v", side, n, got)
			}
		}
	}
}

func TestWriterMasksACopy(t *testing.T) {
	for _, n := range []int{5, 5000} {
		p := pattern(n)
		var out bytes.Buffer
		w := wsutil.NewWriterSize(&out, ws.StateClientSide, ws.OpBinary, 1000)
		w.Write(p)
		w.Flush()
		w.WriteThrough(p)
		w.Flush()
		if !bytes.Equal(p, pattern(n)) {
			t.Errorf("%d bytes: the caller's bytes have changed", n)
		}
		wantResult(t, received(ws.StateClientSide, out.Bytes()), io.EOF, "binary:"+string(p), "binary:"+string(p))
		keys := map[[4]byte]bool{}
		for _, h := range frames(t, ws.StateClientSide, out.Bytes()) {
			keys[h.Mask] = true
		}
		if len(keys) < 2 {
			t.Errorf("%d bytes: the frames have the same masking key", n)
		}
	}
}

func TestWriterDoesNotAllocate(t *testing.T) {
	for side, s := range sides {
		w := wsutil.NewWriterSize(io.Discard, s, ws.OpText, 100)
		p := make([]byte, 60)
		t.Run(side, func(t *testing.T) {
			wantAllocs(t, 0, func() {
				w.Write(p)
				w.Write(p)
				w.Flush()
				w.WriteThrough(p)
				w.Flush()
			})
		})
	}
}

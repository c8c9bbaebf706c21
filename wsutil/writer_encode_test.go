package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// sized is an Encoder that notes what it is told of messages.
type sized struct {
	runs
	sizes []int64
}

func (x *sized) BeginEncode(op ws.OpCode, size int64) byte {
	x.sizes = append(x.sizes, size)
	return x.runs.BeginEncode(op, size)
}

func TestWriterEncodes(t *testing.T) {
	write := func(w *wsutil.Writer, ps ...string) {
		for _, p := range ps {
			w.Write([]byte(p))
		}
	}
	for _, tt := range []struct {
		name  string
		do    func(w *wsutil.Writer)
		want  []string
		shape string
		sizes []int64
	}{
		{"a message in the buffer", func(w *wsutil.Writer) {
			write(w, "aaaa", "bbbb")
		}, []string{"text:aaaabbbb"}, "text 4", []int64{8}},
		{"a message that fills the buffer", func(w *wsutil.Writer) {
			write(w, "aaaaabbbbb")
		}, []string{"text:aaaaabbbbb"}, "text 4", []int64{10}},
		{"a short message is declined", func(w *wsutil.Writer) {
			write(w, "abc")
		}, []string{"text:abc"}, "text 3", []int64{3}},
		{"an empty message is declined", func(w *wsutil.Writer) {
			write(w, "")
		}, []string{"text:"}, "text 0", []int64{0}},
		{"nothing", func(w *wsutil.Writer) {}, nil, "", nil},
		{"several messages", func(w *wsutil.Writer) {
			write(w, "aaaa")
			w.Flush()
			write(w, "a")
			w.Flush()
			w.ResetOp(ws.OpBinary)
			write(w, "aaaa")
		}, []string{"text:aaaa", "text:a", "binary:aaaa"}, "text 2 text 1 binary 2", []int64{4, 1, 4}},
		{"more than the buffer", func(w *wsutil.Writer) {
			write(w, "abcdefg", "hijklmnop")
		}, []string{"text:abcdefghijklmnop"}, "text 18+ continuation 14", []int64{-1}},
		{"a fragment that is held back whole does not leave", func(w *wsutil.Writer) {
			write(w, "aaa")
			w.FlushFragment()
			write(w, "aa")
			w.FlushFragment()
			w.WriteThrough([]byte("a"))
			write(w, "a")
		}, []string{"text:aaaaaaa"}, "text 2", []int64{-1}},
		{"the last frame leaves even if it is empty", func(w *wsutil.Writer) {
			w.WriteThrough([]byte(""))
		}, []string{"text:"}, "text 0", []int64{-1}},
		{"WriteThrough", func(w *wsutil.Writer) {
			w.WriteThrough([]byte("aab"))
			w.WriteThrough([]byte("bbc"))
		}, []string{"text:aabbbc"}, "text 2+ continuation 2+ continuation 2", []int64{-1}},
		{"a long Write", func(w *wsutil.Writer) {
			write(w, strings.Repeat("ab", 70_000))
		}, []string{"text:" + strings.Repeat("ab", 70_000)}, "text 131070+ continuation 131072+ continuation 17856+ continuation 2", []int64{-1}},
		{"ReadFrom", func(w *wsutil.Writer) {
			w.ReadFrom(iotest.HalfReader(strings.NewReader("aaaaabbbbbccccc")))
		}, []string{"text:aaaaabbbbbccccc"}, "text 2+ continuation 4", []int64{-1}},
		{"ReadFrom into the buffer", func(w *wsutil.Writer) {
			w.ReadFrom(strings.NewReader("aaaa"))
		}, []string{"text:aaaa"}, "text 2", []int64{4}},
		{"DisableFlush", func(w *wsutil.Writer) {
			w.DisableFlush()
			write(w, strings.Repeat("ab", 1000))
			w.ReadFrom(strings.NewReader("cc"))
		}, []string{"text:" + strings.Repeat("ab", 1000) + "cc"}, "text 4002", []int64{2002}},
		{"a control frame", func(w *wsutil.Writer) {
			w.ResetOp(ws.OpPing)
			write(w, "aaaa")
		}, []string{"ping:aaaa"}, "ping 4", nil},
		{"without an Encoder again", func(w *wsutil.Writer) {
			write(w, "aaaa")
			w.Flush()
			w.SetEncoder(nil)
			write(w, "aaaa")
		}, []string{"text:aaaa", "text:aaaa"}, "text 2 text 4", []int64{4}},
		{"dropped before anything was encoded", func(w *wsutil.Writer) {
			write(w, "dropped")
			w.ResetOp(ws.OpText)
			write(w, "aaaa")
		}, []string{"text:aaaa"}, "text 2", []int64{4}},
	} {
		for side, s := range sides {
			var out countingWriter
			x := &sized{}
			w := wsutil.NewWriterSize(&out, s, ws.OpText, 10)
			w.SetEncoder(x)
			tt.do(w)
			if err := w.Flush(); err != nil {
				t.Errorf("%s, %s: %v", tt.name, side, err)
			}
			all := join(out.Writes...)
			wantResult(t, receivedDecoded(s, all, &runs{}), io.EOF, tt.want...)
			hs := frames(t, s, all)
			if got := shape(hs); got != tt.shape || len(hs) != len(out.Writes) {
				t.Errorf("%s, %s: %d Writes of %s, want %s", tt.name, side, len(out.Writes), got, tt.shape)
			}
			if fmt.Sprint(x.sizes) != fmt.Sprint(tt.sizes) {
				t.Errorf("%s, %s: the Encoder was told %v, want %v", tt.name, side, x.sizes, tt.sizes)
			}
		}
	}
}

// Fragments of an Encoder's message may be cut anywhere.
func TestWriterEncodesEverySplit(t *testing.T) {
	message := "aaaabbcdddddddddeeeffffffffffffffffggghijjjjkl"
	for side, s := range sides {
		for i := range message {
			for j := i; j < len(message); j++ {
				var out bytes.Buffer
				w := wsutil.NewWriter(&out, s, ws.OpText)
				w.SetEncoder(&runs{})
				for _, p := range []string{message[:i], message[i:j]} {
					w.Write([]byte(p))
					w.FlushFragment()
				}
				w.Write([]byte(message[j:]))
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				if got := receivedDecoded(s, out.Bytes(), &runs{}); len(got.events) != 1 || got.events[0] != "text:"+message {
					t.Fatalf("%s, cut at %d and %d: %v", side, i, j, got)
				}
			}
		}
	}
}

// The low-level extensions see the bits of the Encoder, and the length that
// leaves.
func TestWriterExtensionsSeeEncodedHeaders(t *testing.T) {
	var out bytes.Buffer
	w := wsutil.NewWriterSize(&out, ws.StateServerSide, ws.OpText, 10)
	w.SetEncoder(&runs{})
	var seen []ws.Header
	w.SetExtensions(wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
		seen = append(seen, h)
		h.Rsv |= 1
		return h, nil
	}))
	w.WriteThrough([]byte("aaaab"))
	w.Flush()
	if len(seen) != 2 || seen[0].Rsv != runsBit || seen[0].Length != 2 || seen[1].Rsv != 0 || seen[1].Length != 2 {
		t.Errorf("got %+v", seen)
	}
	hs := frames(t, ws.StateServerSide, out.Bytes())
	if len(hs) != 2 || hs[0].Rsv != runsBit|1 || hs[1].Rsv != 1 {
		t.Errorf("sent %+v", hs)
	}
}

func TestWriterRepeatsAnErrorOfItsEncoder(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*wsutil.Writer) error
		sent int // frames before the error
	}{
		"Flush": {func(w *wsutil.Writer) error { w.Write([]byte("aa!aa")); return w.Flush() }, 0},
		"FlushFragment": {func(w *wsutil.Writer) error {
			w.Write([]byte("aab"))
			w.FlushFragment()
			w.Write([]byte("!"))
			return w.FlushFragment()
		}, 1},
		"WriteThrough": {func(w *wsutil.Writer) error { _, err := w.WriteThrough([]byte("!")); return err }, 0},
		"Write":        {func(w *wsutil.Writer) error { _, err := w.Write([]byte(strings.Repeat("!", 11))); return err }, 0},
		"ReadFrom": {func(w *wsutil.Writer) error {
			_, err := w.ReadFrom(strings.NewReader(strings.Repeat("!", 11)))
			return err
		}, 0},
	} {
		var out countingWriter
		w := wsutil.NewWriterSize(&out, ws.StateServerSide, ws.OpText, 10)
		w.SetEncoder(&runs{refuse: "!"})
		if err := tt.do(w); err != errRefuse {
			t.Errorf("%s: got %v", name, err)
		}
		w.ResetOp(ws.OpText)
		_, write := w.Write([]byte("a"))
		_, through := w.WriteThrough([]byte("a"))
		_, from := w.ReadFrom(strings.NewReader("a"))
		for i, err := range []error{write, through, from, w.FlushFragment(), w.Flush()} {
			if err != errRefuse {
				t.Errorf("%s: call %d after that: got %v", name, i, err)
			}
		}
		if len(out.Writes) != tt.sent {
			t.Errorf("%s: %d frames have left", name, len(out.Writes))
		}
	}
	w := wsutil.NewWriter(io.Discard, ws.StateServerSide, ws.OpText)
	w.SetEncoder(&lazy{})
	w.Write([]byte("aaaa"))
	if err := w.Flush(); err != io.ErrNoProgress {
		t.Errorf("an Encoder that takes nothing: %v", err)
	}
	broken := errors.New("broken")
	w = wsutil.NewWriter(&wstest.Conn{WriteErr: broken}, ws.StateServerSide, ws.OpText)
	w.SetEncoder(&runs{})
	w.Write([]byte("aaaa"))
	if err := w.Flush(); err != broken {
		t.Errorf("of the destination: %v", err)
	}
}

// What an Encoder has seen, the next message may refer to.
func TestWriterDoesNotDropWhatWasEncoded(t *testing.T) {
	for name, do := range map[string]func(*wsutil.Writer){
		"held back": func(w *wsutil.Writer) { w.WriteThrough([]byte("a")) },
		"has left":  func(w *wsutil.Writer) { w.WriteThrough([]byte("ab")) },
	} {
		w := wsutil.NewWriter(io.Discard, ws.StateServerSide, ws.OpText)
		w.SetEncoder(&runs{})
		do(w)
		w.ResetOp(ws.OpText)
		if _, err := w.Write([]byte("a")); err != wsutil.ErrMessageBegun {
			t.Errorf("%s: Write: %v", name, err)
		}
		if err := w.Flush(); err != wsutil.ErrMessageBegun {
			t.Errorf("%s: Flush: %v", name, err)
		}
		w.Reset(io.Discard, ws.StateServerSide, ws.OpText)
		if _, err := w.Write([]byte("a")); err != nil {
			t.Errorf("%s: after Reset: %v", name, err)
		}
	}
}

func TestWriterResetDropsTheEncoder_U4(t *testing.T) {
	var out bytes.Buffer
	w := wsutil.NewWriter(&out, ws.StateServerSide, ws.OpText)
	w.SetEncoder(&runs{})
	w.Reset(&out, ws.StateServerSide, ws.OpText)
	w.Write([]byte("aaaa"))
	w.Flush()
	for range 100 {
		w := wsutil.GetWriter(io.Discard, ws.StateServerSide, ws.OpText, 128)
		w.SetEncoder(&runs{})
		w.WriteThrough([]byte("a"))
		wsutil.PutWriter(w)
		w = wsutil.GetWriter(&out, ws.StateServerSide, ws.OpText, 128)
		w.Write([]byte("aaaa"))
		w.Flush()
		wsutil.PutWriter(w)
	}
	for _, h := range frames(t, ws.StateServerSide, out.Bytes()) {
		if h.Rsv != 0 || h.Length != 4 {
			t.Fatalf("U4: %+v", h)
		}
	}
}

func TestWriterEncodesWithoutAllocating(t *testing.T) {
	p := pattern(10_000)
	source := bytes.NewReader(nil)
	for _, s := range sides {
		w := wsutil.NewWriter(io.Discard, s, ws.OpBinary)
		w.SetEncoder(&runs{})
		wantAllocs(t, 0, func() {
			w.Write(p[:10])
			w.Flush()
			w.Write(p)
			source.Reset(p)
			w.ReadFrom(source)
			w.FlushFragment()
			w.WriteThrough(p)
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

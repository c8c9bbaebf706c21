package wsutil_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestWriterU4ResetForgetsEverything(t *testing.T) {
	broken := errors.New("broken")
	w := wsutil.NewWriterSize(&wstest.Conn{WriteErr: broken}, ws.StateServerSide, ws.OpText, 64)
	w.SetExtensions(wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
		h.Rsv = 4
		return h, nil
	}))
	w.DisableFlush()
	w.Write(make([]byte, 10))
	if err := w.Flush(); err != broken {
		t.Fatalf("got %v", err)
	}
	var out bytes.Buffer
	w.Reset(&out, ws.StateClientSide, ws.OpBinary)
	if _, err := w.Write(pattern(200)); err != nil {
		t.Errorf("U4: Write: %v", err)
	}
	if err := w.Flush(); err != nil {
		t.Errorf("U4: Flush: %v", err)
	}
	if got := shape(frames(t, ws.StateClientSide, out.Bytes())); got != "binary 200+ continuation 0" {
		t.Errorf("U4: got %s", got)
	}
	wantResult(t, received(ws.StateClientSide, out.Bytes()), io.EOF, "binary:"+string(pattern(200)))
}

func TestWriterRepeatsAnError(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		do   func(*wsutil.Writer) error
	}{
		{"Flush", func(w *wsutil.Writer) error { w.Write([]byte("a")); return w.Flush() }},
		{"FlushFragment", func(w *wsutil.Writer) error { w.Write([]byte("a")); return w.FlushFragment() }},
		{"WriteThrough", func(w *wsutil.Writer) error { _, err := w.WriteThrough([]byte("a")); return err }},
		{"U6: Write past the buffer", func(w *wsutil.Writer) error { _, err := w.Write(make([]byte, 100)); return err }},
		{"Write of more than fits", func(w *wsutil.Writer) error {
			w.Write([]byte("a"))
			_, err := w.Write(make([]byte, 100))
			return err
		}},
		{"ReadFrom", func(w *wsutil.Writer) error {
			_, err := w.ReadFrom(strings.NewReader("more than there is room for"))
			return err
		}},
	} {
		for _, byExtension := range []bool{false, true} {
			var dest io.Writer = &wstest.Conn{WriteErr: broken}
			calls := 0
			if byExtension {
				dest = io.Discard
			}
			w := wsutil.NewWriterSize(dest, ws.StateServerSide, ws.OpText, 10)
			if byExtension {
				w.SetExtensions(wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
					calls++
					return h, broken
				}))
			}
			if err := tt.do(w); err != broken {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if byExtension && calls != 1 {
				t.Errorf("U6: %s: the extension was asked %d times", tt.name, calls)
			}
			w.ResetOp(ws.OpBinary) // which is no Reset
			_, write := w.Write([]byte("a"))
			_, through := w.WriteThrough([]byte("a"))
			_, from := w.ReadFrom(strings.NewReader("a"))
			for i, err := range []error{write, through, from, w.FlushFragment(), w.Flush()} {
				if err != broken {
					t.Errorf("%s: call %d after that: got %v", tt.name, i, err)
				}
			}
		}
	}
}

// RFC 6455, 5.4: the fragments of one message MUST NOT be interleaved between
// those of another one.
func TestAMessageThatHasBegunCannotBeDropped(t *testing.T) {
	for name, begin := range map[string]func(w *wsutil.Writer){
		"WriteThrough":  func(w *wsutil.Writer) { w.WriteThrough([]byte("abc")) },
		"FlushFragment": func(w *wsutil.Writer) { w.Write([]byte("abc")); w.FlushFragment() },
		"a full buffer": func(w *wsutil.Writer) { w.Write(make([]byte, 11)) },
	} {
		var out bytes.Buffer
		w := wsutil.NewWriterSize(&out, ws.StateServerSide, ws.OpText, 10)
		begin(w)
		sent := out.Len()
		w.ResetOp(ws.OpBinary)
		if _, err := w.Write([]byte("abc")); err != wsutil.ErrMessageBegun {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.Flush(); err != wsutil.ErrMessageBegun || out.Len() != sent {
			t.Errorf("%s: %v, % x", name, err, out.Bytes())
		}
		w.Reset(&out, ws.StateServerSide, ws.OpText) // to another connection, say
		if _, err := w.Write([]byte("abc")); err != nil || w.Flush() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriterReadFromReturnsTheErrorOfItsSource(t *testing.T) {
	broken := errors.New("broken")
	var out bytes.Buffer
	w := wsutil.NewWriterSize(&out, ws.StateServerSide, ws.OpText, 10)
	n, err := w.ReadFrom(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)))
	if n != 3 || err != broken {
		t.Errorf("got %d, %v", n, err)
	}
	// The message can go on.
	w.Write([]byte("d"))
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
	wantResult(t, received(ws.StateServerSide, out.Bytes()), io.EOF, "text:abcd")

	if _, err := w.ReadFrom(neverReader{}); err != io.ErrNoProgress {
		t.Errorf("a source that yields nothing: %v", err)
	}
}

// neverReader yields neither bytes nor an error.
type neverReader struct{}

func (neverReader) Read([]byte) (int, error) { return 0, nil }

func TestWriterExtensionsSetBits(t *testing.T) {
	var seen []ws.Header
	first := wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
		if h.OpCode != ws.OpContinuation {
			h.Rsv |= 4
		}
		return h, nil
	})
	second := wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
		seen = append(seen, h)
		h.Rsv |= 1
		return h, nil
	})
	var out bytes.Buffer
	w := wsutil.NewWriterSize(&out, ws.StateServerSide, ws.OpText, 10)
	w.SetExtensions(first, second)
	w.WriteThrough([]byte("a"))
	w.Write([]byte("b"))
	w.Flush()
	hs := frames(t, ws.StateServerSide, out.Bytes())
	if len(hs) != 2 || hs[0].Rsv != 5 || hs[1].Rsv != 1 {
		t.Errorf("got %+v", hs)
	}
	if len(seen) != 2 || seen[0].Rsv != 4 || seen[0].Length != 1 || seen[0].Fin || !seen[1].Fin {
		t.Errorf("the second extension was shown %+v", seen)
	}
}

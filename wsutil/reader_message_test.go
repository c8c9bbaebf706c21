package wsutil_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// clientFrame is a masked frame as it stands on the wire.
func clientFrame(op ws.OpCode, fin bool, payload string) []byte {
	return ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), [4]byte{1, 2, 3, 4}))
}

func TestReadAppendReadsSessions(t *testing.T) {
	long := strings.Repeat("0123456789", 10000)
	session := bytes.Join([][]byte{
		clientFrame(ws.OpPing, true, "before"),
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "inside"),
		clientFrame(ws.OpContinuation, false, ""),
		clientFrame(ws.OpContinuation, true, "lo \u00e9"),
		clientFrame(ws.OpBinary, true, ""),
		clientFrame(ws.OpBinary, true, long),
		clientFrame(ws.OpClose, true, "\x03\xe8bye"),
	}, nil)
	for name, source := range map[string]io.Reader{
		"plain":    bytes.NewReader(session),
		"one byte": iotest.OneByteReader(bytes.NewReader(session)),
		"data+err": iotest.DataErrReader(bytes.NewReader(session)),
		"bufio":    bufio.NewReaderSize(bytes.NewReader(session), 16),
	} {
		t.Run(name, func(t *testing.T) {
			var answers bytes.Buffer
			r := &wsutil.Reader{
				Source: source, State: ws.StateServerSide, CheckUTF8: true,
				OnIntermediate: wsutil.ControlFrameHandler(&answers, ws.StateServerSide),
			}
			var got []string
			buf := make([]byte, 3, 8)
			for {
				p, op, err := r.ReadAppend(buf)
				if err != nil {
					var closed wsutil.ClosedError
					if !errors.As(err, &closed) || closed.Code != 1000 || closed.Reason != "bye" || len(p) != 3 {
						t.Errorf("ended with %v, %d bytes", err, len(p))
					}
					break
				}
				got = append(got, fmt.Sprintf("%v %s", op, p[3:]))
			}
			if want := []string{"text Hello \u00e9", "binary ", "binary " + long}; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %.100q", got)
			}
			if want := "\x8a\x06before\x8a\x06inside\x88\x02\x03\xe8"; answers.String() != want {
				t.Errorf("answers %q, want %q", answers.String(), want)
			}
			if _, _, err := r.ReadAppend(nil); err != io.EOF {
				t.Errorf("after the close frame: %v", err)
			}
		})
	}
}

func TestReadAppendFails(t *testing.T) {
	for _, tc := range []struct {
		name  string
		in    []byte
		limit int64
		want  error
	}{
		{"U8: cut payload", clientFrame(ws.OpText, true, "Hello")[:8], 0, io.ErrUnexpectedEOF},
		{"cut between fragments", clientFrame(ws.OpText, false, "Hello"), 0, io.ErrUnexpectedEOF},
		{"end between messages", nil, 0, io.EOF},
		{"bad text", clientFrame(ws.OpText, true, "a\xff"), 0, wsutil.ErrInvalidUTF8},
		{"text that ends inside a rune", clientFrame(ws.OpText, true, "a\xc3"), 0, wsutil.ErrInvalidUTF8},
		{"limit of the reader", clientFrame(ws.OpText, true, "Hello"), 4, wsutil.ErrMessageTooLarge},
		{"#26: limit over fragments", append(clientFrame(ws.OpText, false, "Hel"), clientFrame(ws.OpContinuation, true, "lo")...), 4, wsutil.ErrMessageTooLarge},
		{"limit of the helpers", append([]byte{0x82, 0xff}, "\x00\x00\x00\x00\x02\x00\x00\x01\x00\x00\x00\x00"...), 0, wsutil.ErrMessageTooLarge},
		{"unmasked", []byte{0x81, 0x00}, 0, ws.ErrProtocolMaskRequired},
	} {
		r := &wsutil.Reader{Source: bytes.NewReader(tc.in), State: ws.StateServerSide, CheckUTF8: true, MaxMessageSize: tc.limit}
		if p, _, err := r.ReadAppend([]byte("dst")); err != tc.want || string(p) != "dst" {
			t.Errorf("%s: %q, %v, want %v", tc.name, p, err, tc.want)
		}
	}
}

func TestReadAppendSkipsTheRestOfTheMessageBefore(t *testing.T) {
	in := append(clientFrame(ws.OpText, false, "first"), clientFrame(ws.OpContinuation, true, "more")...)
	in = append(in, clientFrame(ws.OpBinary, true, "second")...)
	r := wsutil.NewServerSideReader(bytes.NewReader(in))
	if _, err := r.NextFrame(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if p, op, err := r.ReadAppend(nil); string(p) != "second" || op != ws.OpBinary || err != nil {
		t.Errorf("%q %v %v", p, op, err)
	}
}

func TestReadAppendDoesNotAllocate(t *testing.T) {
	in := clientFrame(ws.OpText, true, strings.Repeat("x", 300))
	source := bytes.NewReader(nil)
	buffered := bufio.NewReader(source)
	r := &wsutil.Reader{Source: buffered, State: ws.StateServerSide, CheckUTF8: true}
	buf := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() {
		source.Reset(in)
		buffered.Reset(source)
		if _, _, err := r.ReadAppend(buf); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleReader_ReadAppend() {
	// Many messages that arrive together are read and answered together.
	conn := bytes.NewBuffer(append(clientFrame(ws.OpText, true, "one"), clientFrame(ws.OpText, true, "two")...))
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	r := wsutil.DefaultReader(in, ws.StateServerSide)
	r.OnIntermediate = wsutil.ControlFrameHandler(out, ws.StateServerSide)

	var buf []byte
	for {
		p, op, err := r.ReadAppend(buf[:0])
		if err != nil {
			break
		}
		wsutil.WriteServerMessage(out, op, p)
		if in.Buffered() == 0 {
			out.Flush()
			break // of the example; a server goes on
		}
		buf = p
	}
	fmt.Printf("%q\n", conn)
	// Output: "\x81\x03one\x81\x03two"
}

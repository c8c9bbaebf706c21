package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestControlWriterU3KeepsAFrameWithinItsLimit(t *testing.T) {
	for side, s := range sides {
		for _, tt := range []struct {
			name   string
			buffer int // 0: one of its own
			writes []int
			fits   []bool
		}{
			{"U3: 125", 0, []int{125}, []bool{true}},
			{"U3: 126", 0, []int{126, 0}, []bool{false, true}},
			{"U3: 100 and 100", 0, []int{100, 100, 25, 1, 0}, []bool{true, false, true, false, true}},
			{"U3: nothing", 0, []int{0}, []bool{true}},
			{"U3: small buffer", 16, []int{10, 1}, []bool{true, s.ServerSide()}},
			{"U3: large buffer", 4096, []int{125, 1}, []bool{true, false}},
		} {
			conn := wstest.NewConn()
			w := wsutil.NewControlWriter(conn, s, ws.OpPing)
			if tt.buffer > 0 {
				w = wsutil.NewControlWriterBuffer(conn, s, ws.OpPing, make([]byte, tt.buffer))
			}
			var frames []string
			for range 2 { // the second frame like the first
				var want string
				for i, n := range tt.writes {
					p := strings.Repeat(string(rune('a'+i)), n)
					got, err := w.Write([]byte(p))
					if fits := err == nil; fits != tt.fits[i] || (fits && got != n) || (!fits && (got != 0 || err != wsutil.ErrControlOverflow)) {
						t.Errorf("%s, %s: Write of %d: got %d, %v", side, tt.name, n, got, err)
					}
					if tt.fits[i] {
						want += p
					}
				}
				if err := w.Flush(); err != nil {
					t.Error(err)
				}
				frames = append(frames, "ping:"+want)
			}
			wantResult(t, received(s, conn.Written), io.EOF, frames...)
			if conn.Writes != 2 {
				t.Errorf("%s, %s: %d writes", side, tt.name, conn.Writes)
			}
		}
	}
}

func TestControlWriterFlushOfNothing(t *testing.T) {
	var out bytes.Buffer
	if err := wsutil.NewControlWriter(&out, ws.StateServerSide, ws.OpPing).Flush(); err != nil || out.Len() > 0 {
		t.Errorf("got %v, wrote %q", err, out.Bytes())
	}
}

func TestControlWriterReturnsTheErrorOfItsDestination(t *testing.T) {
	broken := errors.New("broken")
	w := wsutil.NewControlWriter(&wstest.Conn{WriteErr: broken}, ws.StateServerSide, ws.OpPing)
	w.Write([]byte("a"))
	if err := w.Flush(); err != broken {
		t.Errorf("Flush: %v", err)
	}
	if _, err := w.Write([]byte("a")); err != broken {
		t.Errorf("Write after that: %v", err)
	}
}

func TestControlWriterBufferTooSmall(t *testing.T) {
	for n, want := range []bool{true, true, true, true, true, true, true, false} {
		if got := panics(func() {
			wsutil.NewControlWriterBuffer(io.Discard, ws.StateClientSide, ws.OpPing, make([]byte, n))
		}); got != want {
			t.Errorf("%d bytes: panics: %v", n, got)
		}
	}
}

func panics(f func()) (p bool) {
	defer func() { p = recover() != nil }()
	f()
	return
}

func ExampleControlWriter() {
	var conn bytes.Buffer
	w := wsutil.NewControlWriter(&conn, ws.StateServerSide, ws.OpPing)
	fmt.Fprintf(w, "id=%d", 7)
	w.Flush()
	_, err := w.Write(make([]byte, 126))
	fmt.Printf("%q\n%v\n", conn.Bytes(), err)
	// Output:
	// "\x89\x04id=7"
	// wsutil: control frame with more than 125 bytes, or more than fit into its buffer
}

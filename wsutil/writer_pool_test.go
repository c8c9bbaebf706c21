package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestWriterPoolU5ReusesWriters(t *testing.T) {
	p := []byte("Hello")
	for _, n := range []int{1, 127, 128, 129, 512, 4096, 5000, 65535, 65536} {
		t.Run(fmt.Sprintf("U5/%d", n), func(t *testing.T) {
			wantAllocs(t, 0, func() {
				w := wsutil.GetWriter(io.Discard, ws.StateClientSide, ws.OpText, n)
				w.Write(p)
				w.Flush()
				wsutil.PutWriter(w)
			})
		})
	}
}

// One broken connection must not poison others.
func TestWriterPoolU4KeepsNothing(t *testing.T) {
	for range 100 {
		w := wsutil.GetWriter(&wstest.Conn{WriteErr: errors.New("broken")}, ws.StateServerSide, ws.OpText, 128)
		w.SetExtensions(wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) { return h, errors.New("broken") }))
		w.DisableFlush()
		w.Write([]byte("secret"))
		w.Flush()
		wsutil.PutWriter(w)

		var out bytes.Buffer
		w = wsutil.GetWriter(&out, ws.StateClientSide, ws.OpBinary, 128)
		if w.Buffered() != 0 {
			t.Fatalf("U4: %d bytes buffered", w.Buffered())
		}
		w.Write(make([]byte, 200))
		if err := w.Flush(); err != nil {
			t.Fatalf("U4: %v", err)
		}
		if got := shape(frames(t, ws.StateClientSide, out.Bytes())); got != "binary 200+ continuation 0" {
			t.Fatalf("U4: got %s", got)
		}
		wsutil.PutWriter(w)
	}
}

func TestWriterPoolTakesOtherSizesToo(t *testing.T) {
	for _, n := range []int{64, 100, 1000, 4096, 100000, 1 << 17} {
		wsutil.PutWriter(wsutil.NewWriterBufferSize(io.Discard, ws.StateServerSide, ws.OpText, n))
	}
	for _, n := range []int{64, 100, 1000, 4096, 100000, 1 << 17} {
		w := wsutil.GetWriter(io.Discard, ws.StateServerSide, ws.OpText, n)
		if w.Size()+10 < n {
			t.Errorf("GetWriter(%d): Size is %d", n, w.Size())
		}
	}
	// A Writer that has grown is as good as one that was made so.
	w := wsutil.GetWriter(io.Discard, ws.StateServerSide, ws.OpText, 128)
	w.Grow(1000)
	wsutil.PutWriter(w)
}

func ExampleGetWriter() {
	var conn bytes.Buffer
	w := wsutil.GetWriter(&conn, ws.StateServerSide, ws.OpText, 512)
	defer wsutil.PutWriter(w)
	fmt.Fprintf(w, "%d messages", 1)
	w.Flush()
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\x81\n1 messages"
}

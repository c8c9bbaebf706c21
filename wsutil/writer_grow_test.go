package wsutil_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// #134, #138: a message in one frame, whatever its size.
func TestWriterDisableFlushGivesOneFrame_138(t *testing.T) {
	for side, s := range sides {
		for size := 1; size <= 1<<20; size = size*2 + size%3 {
			payload := pattern(size)
			for _, way := range []string{"Write", "bytes", "ReadFrom", "Grow"} {
				conn := wstest.NewConn()
				w := wsutil.NewWriterSize(conn, s, ws.OpBinary, 64)
				w.DisableFlush()
				switch way {
				case "Write":
					w.Write(payload)
				case "bytes":
					for p := payload; len(p) > 0; {
						n := min(len(p), 1+len(p)%1000)
						w.Write(p[:n])
						p = p[n:]
					}
				case "ReadFrom":
					io.Copy(w, iotest.HalfReader(bytes.NewReader(payload)))
				case "Grow":
					w.Grow(size)
					if before := w.Size(); w.Available() < size {
						t.Errorf("#134: %s, %d: Available is %d of %d", side, size, w.Available(), before)
					}
					w.Write(payload)
				}
				if err := w.Flush(); err != nil || conn.Writes != 1 {
					t.Errorf("#138: %s, %d, %s: %v, %d writes", side, size, way, err, conn.Writes)
				}
				wantMessage(t, s, conn.Written, payload)
			}
		}
	}
}

func TestWriterU7GrowsNoMoreThanNeeded(t *testing.T) {
	for _, tt := range []struct {
		state               ws.State
		size, written, grow int
		want                int // of Size
	}{
		{ws.StateServerSide, 10, 0, 10, 10},
		{ws.StateServerSide, 10, 5, 5, 10},
		{ws.StateServerSide, 10, 0, 1020, 1020}, // 1024 with the header
		{ws.StateServerSide, 10, 0, 1021, 2044},
		{ws.StateServerSide, 10, 10, 1010, 1020},
		{ws.StateServerSide, 10, 0, 124, 124}, // 128
		{ws.StateServerSide, 10, 0, 125, 252}, // 128 has no room for the longer header
		{ws.StateServerSide, 10, 0, 126, 252},
		{ws.StateServerSide, 10, 0, 65532, 65532}, // 65536
		{ws.StateServerSide, 10, 0, 65533, 131062},
		{ws.StateClientSide, 10, 0, 1016, 1016},
		{ws.StateClientSide, 10, 0, 1017, 2040},
		{ws.StateClientSide, 1000, 0, 0, 1000},
		{ws.StateClientSide, 1000, 0, -1, 1000},
	} {
		w := wsutil.NewWriterSize(nil, tt.state, ws.OpText, tt.size)
		w.Write(make([]byte, tt.written))
		w.Grow(tt.grow)
		if w.Size() != tt.want || w.Available() < tt.grow || w.Buffered() != tt.written {
			t.Errorf("U7: %+v: Size is %d, Available %d", tt, w.Size(), w.Available())
		}
	}
	for side, s := range sides { // #134: every size
		for size := 1; size < 300; size++ {
			var out bytes.Buffer
			w := wsutil.NewWriterSize(&out, s, ws.OpBinary, 4)
			w.Write(pattern(3))
			w.Grow(size)
			before := w.Available()
			if before < size {
				t.Fatalf("#134: %s: Grow(%d): Available is %d", side, size, before)
			}
			w.Write(pattern(size))
			w.Flush()
			wantMessage(t, s, out.Bytes(), append(pattern(3), pattern(size)...))
		}
	}
}

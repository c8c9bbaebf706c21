package h2

import (
	"fmt"
	"io"
	"sync"
	"testing"

	"golang.org/x/net/http2"
)

// A stream of which everything has been read keeps little, whatever came before.
func TestAStreamThatWasReadKeepsLittle(t *testing.T) {
	for _, tc := range []struct{ frames, size, read int }{
		{1, 16 << 10, 4096}, {8, 1000, 8000}, {14, 16 << 10, 4096}, {14, 16 << 10, 1000}, {3, 4096, 100},
	} {
		t.Run(fmt.Sprintf("%d of %d bytes", tc.frames, tc.size), func(t *testing.T) {
			c := &conn{s: settings{streamWindow: 256 << 10}, streams: map[uint32]*stream{}}
			c.unsent.L = &sync.Mutex{}
			c.framer = http2.NewFramer(io.Discard, nil)
			s := &stream{response: &response{}}
			s.init(c)
			p, b := make([]byte, tc.size), make([]byte, tc.read)
			for i := range p {
				p[i] = byte(i)
			}
			most := 0
			for range tc.frames {
				if err := s.receive(p, len(p), false); err != nil {
					t.Fatal(err)
				}
				most = max(most, s.buf.Cap())
			}
			for got := 0; got < tc.frames*tc.size; {
				n, err := s.Read(b)
				if err != nil {
					t.Fatal(err)
				}
				for i := range b[:n] {
					if b[i] != p[(got+i)%len(p)] {
						t.Fatalf("another byte at %d", got+i)
					}
				}
				got += n
				// A slice of what is left would hide the size of the array that it is in.
				if s.buf.Cap() < most && got < tc.frames*tc.size {
					t.Fatalf("after %d bytes: %d of an array of %d", got, s.buf.Cap(), most)
				}
			}
			if s.buf.Cap() > keptBuffer || most > keptBuffer && s.buf.Cap() > 0 {
				t.Errorf("%d bytes are kept, of an array of %d", s.buf.Cap(), most)
			}
		})
	}
}

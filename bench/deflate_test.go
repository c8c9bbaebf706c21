package bench_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"testing"

	klauspost "github.com/klauspost/compress/flate"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/internal/deflate"
)

// flushWriter is what compress/flate and klauspost's have in common.
type flushWriter interface {
	io.Writer
	Flush() error
	Reset(io.Writer)
}

// BenchmarkDeflate: a message becomes what permessage-deflate sends, with
// context takeover and without. The messages are different ones in turn, so
// that takeover does not find the same message again. ratio is the size of all
// of them, compressed, divided by their own.
func BenchmarkDeflate(b *testing.B) {
	for _, level := range []int{1, 6, deflate.HuffmanOnly} {
		for _, size := range []int{5, 128, 1 << 10, 64 << 10} {
			for _, takeover := range []bool{false, true} {
				name := fmt.Sprintf("level=%d/size=%d/takeover=%v", level, size, takeover)
				b.Run(name, func(b *testing.B) {
					all := events(max(size, 256<<10), 1)
					var messages [][]byte
					for len(all) >= size && len(messages) < 64 {
						messages, all = append(messages, all[:size]), all[size:]
					}
					compareDeflate(b, messages, level, takeover)
				})
			}
		}
	}
}

// BenchmarkDeflateRepeats: a message that repeats a few bytes, at each level.
func BenchmarkDeflateRepeats(b *testing.B) {
	for _, level := range []int{1, 6, 9} {
		for _, period := range []int{1, 2, 3, 4, 5, 15, 31, 258} {
			b.Run(fmt.Sprintf("level=%d/period=%d", level, period), func(b *testing.B) {
				compareDeflate(b, [][]byte{repeated(period, 4<<20)}, level, false)
			})
		}
	}
}

// compressor returns what compresses messages and returns their sizes.
type compressor func() (compress func(p []byte) int)

func compareDeflate(b *testing.B, messages [][]byte, level int, takeover bool) {
	measureDeflate(b, "wirews", messages, func() func(p []byte) int {
		var c deflate.Compressor
		c.Reset(deflate.MaxBits, level, takeover)
		var dst []byte
		return func(p []byte) int {
			dst = c.AppendMessage(dst[:0], p)
			return len(dst)
		}
	})
	peer := func(w flushWriter, err error) func(p []byte) int {
		if err != nil {
			b.Fatal(err)
		}
		var out bytes.Buffer
		w.Reset(&out)
		return func(p []byte) int {
			out.Reset()
			if !takeover {
				w.Reset(&out)
			}
			w.Write(p)
			w.Flush()
			return out.Len() - len("\x00\x00\xff\xff")
		}
	}
	measureDeflate(b, "klauspost", messages, func() func(p []byte) int {
		w, err := klauspost.NewWriter(io.Discard, level)
		return peer(w, err)
	})
	measureDeflate(b, "stdlib", messages, func() func(p []byte) int {
		w, err := flate.NewWriter(io.Discard, level)
		return peer(w, err)
	})
}

func measureDeflate(b *testing.B, lib string, messages [][]byte, newCompressor compressor) {
	b.Run(lib, func(b *testing.B) {
		compress := newCompressor()
		in, out := 0, 0
		for _, p := range messages {
			in += len(p)
			out += compress(p)
		}
		b.SetBytes(int64(len(messages[0])))
		b.ReportAllocs()
		before := measure.CPUTime()
		for i := 0; b.Loop(); i++ {
			compress(messages[i%len(messages)])
		}
		reportProcessTime(b, before)
		b.ReportMetric(float64(out)/float64(in), "ratio")
	})
}

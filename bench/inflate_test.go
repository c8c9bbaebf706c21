package bench

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"

	kflate "github.com/klauspost/compress/flate"

	"github.com/wirews/wirews/internal/inflate"
)

// jsonText returns n bytes of JSON as an API sends it: the keys repeat, the
// values do not.
func jsonText(n int) []byte {
	words := strings.Fields("amber basalt cobalt dune ember fjord granite harbor island juniper krill lagoon meadow nectar onyx prairie quartz river summit tundra umber valley willow xenon yarrow zephyr")
	var b bytes.Buffer
	x := uint32(12345)
	next := func(n uint32) uint32 { x = x*1664525 + 1013904223; return x >> 8 % n }
	for id := 1000; b.Len() < n; id++ {
		fmt.Fprintf(&b, `{"id":%d,"token":"%06x%06x","user":"%s-%s","price":%d.%02d,"at":[%d.%06d,%d.%06d],"active":%t,"tags":["%s","%s"]},`,
			id, next(1<<24), next(1<<24), words[next(26)], words[next(26)], next(5000), next(100),
			next(90), next(1000000), next(180), next(1000000), next(2) == 1, words[next(26)], words[next(26)])
	}
	return b.Bytes()[:n]
}

// deflated returns p as the messages of one stream, level 6, without tails.
func deflated(tb testing.TB, p []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		tb.Fatal(err)
	}
	w.Write(p)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\x00\x00\xff\xff"))
}

// BenchmarkInflate decodes one message without context takeover.
func BenchmarkInflate(b *testing.B) {
	for _, size := range []int{128, 1 << 10, 64 << 10} {
		text := jsonText(size)
		message := deflated(b, text)
		dst := make([]byte, size+1)
		stream := append(bytes.Clone(message), "\x00\x00\xff\xff\x01\x00\x00\xff\xff"...)
		run := func(name string, read func() ([]byte, error)) {
			b.Run(fmt.Sprintf("%d/%s", size, name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				var got []byte
				for b.Loop() {
					var err error
					if got, err = read(); err != nil {
						b.Fatal(err)
					}
				}
				if !bytes.Equal(got, text) {
					b.Fatal("decoded something else")
				}
			})
		}
		ours := inflate.New(15, false)
		run("wirews", func() ([]byte, error) {
			out, _, err := ours.Inflate(dst[:0], message, true)
			return out, err
		})
		var src bytes.Reader
		k := kflate.NewReader(&src)
		run("klauspost", func() ([]byte, error) {
			src.Reset(stream)
			k.(kflate.Resetter).Reset(&src, nil)
			n, err := io.ReadFull(k, dst[:size])
			return dst[:n], err
		})
		std := flate.NewReader(&src)
		run("stdlib", func() ([]byte, error) {
			src.Reset(stream)
			std.(flate.Resetter).Reset(&src, nil)
			n, err := io.ReadFull(std, dst[:size])
			return dst[:n], err
		})
	}
}

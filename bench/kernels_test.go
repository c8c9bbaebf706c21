package bench_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	gobwas "github.com/gobwas/ws"
	asmutf8 "github.com/segmentio/asm/utf8"

	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// BenchmarkMask masks n bytes in place that lie off bytes behind a cache line:
// 6 is where a payload lies after a client's short header. It goes round among
// messages, as traffic does: masking the same bytes again at once would measure
// how loads wait for the stores before them.
func BenchmarkMask(b *testing.B) {
	for _, off := range []int{0, 6} {
		for _, n := range []int{4, 8, 16, 24, 31, 32, 48, 64, 100, 128, 256, 512, 1 << 10, 16 << 10, 64 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%d+%d", n, off), func(b *testing.B) {
				ring := newRing(n, off)
				b.Run("wirews", func(b *testing.B) {
					b.SetBytes(int64(n))
					for i := 0; b.Loop(); i++ {
						ws.Cipher(ring[i%len(ring)], key, 0)
					}
				})
				b.Run("gobwas", func(b *testing.B) {
					b.SetBytes(int64(n))
					for i := 0; b.Loop(); i++ {
						gobwas.Cipher(ring[i%len(ring)], key, 0)
					}
				})
			})
		}
	}
}

// newRing returns pieces of n bytes that begin off bytes behind a cache line,
// as many as the first-level cache holds well, but no more than 16.
func newRing(n, off int) (ring [16][]byte) {
	stride := (n + off + 63) &^ 63
	count := min(max(16<<10/stride, 1), len(ring))
	p := make([]byte, max(count*stride, 64<<10)) // large ones begin a page
	for i := range ring {
		at := i % count * stride
		ring[i] = p[at+off : at+off+n]
	}
	return ring
}

// utf8Texts are of runes of one size each, and of all of them together.
var utf8Texts = []struct{ name, rune string }{
	{"ascii", "a"}, {"latin", "é"}, {"cjk", "日"}, {"emoji", "😀"}, {"mixed", "aé€😀"},
	{"json", `{"name":"value","count":12345,"city":"Zürich"},`},
}

// BenchmarkUTF8 validates a message in one piece.
func BenchmarkUTF8(b *testing.B) {
	for _, text := range utf8Texts {
		for _, n := range []int{4, 12, 24, 34, 35, 48, 64, 100, 125, 256, 1 << 10, 16 << 10, 64 << 10} {
			p := []byte(strings.Repeat(text.rune, n/len(text.rune)+1))
			p = p[:n/len(text.rune)*len(text.rune)]
			if len(p) == 0 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", text.name, n), func(b *testing.B) {
				for _, lib := range []struct {
					name  string
					valid func([]byte) bool
				}{
					{"wirews", utf8check.Valid},
					{"segmentio", asmutf8.Valid},
					{"std", utf8.Valid},
				} {
					b.Run(lib.name, func(b *testing.B) {
						b.SetBytes(int64(len(p)))
						for b.Loop() {
							if !lib.valid(p) {
								b.Fatal("valid text is refused")
							}
						}
					})
				}
			})
		}
	}
}

package deflate_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand"
	"testing"

	"github.com/wirews/wirews/internal/deflate"
)

var levels = []int{deflate.HuffmanOnly, 1, 2, 3, 4, 5, 6, 7, 8, 9}

func newCompressor(bits, level int, takeover bool) *deflate.Compressor {
	c := new(deflate.Compressor)
	c.Reset(bits, level, takeover)
	return c
}

// RFC 7692, section 7.2.3.
func TestRFC7692Examples(t *testing.T) {
	for _, tc := range []struct {
		name     string
		takeover bool
		messages []string
		want     []string
	}{
		{"7.2.3.1: a compressed message", true, []string{"Hello"}, []string{"f248cdc9c90700"}},
		{"7.2.3.2: sharing the window", true, []string{"Hello", "Hello"}, []string{"f248cdc9c90700", "f200110000"}},
		{"7.2.3.2: not sharing it", false, []string{"Hello", "Hello"}, []string{"f248cdc9c90700", "f248cdc9c90700"}},
		{"7.2.3.6: an empty message", true, []string{"", "Hello", ""}, []string{"00", "f248cdc9c90700", "00"}},
	} {
		for _, level := range levels[1:] {
			c := newCompressor(15, level, tc.takeover)
			for i, m := range tc.messages {
				if got := hex.EncodeToString(c.AppendMessage(nil, []byte(m))); got != tc.want[i] {
					t.Errorf("%s, level %d: message %d is %s, want %s", tc.name, level, i, got, tc.want[i])
				}
			}
		}
	}
}

// json returns n bytes like the events that a chat or a market sends.
func json(n int, seed int64) []byte {
	r := rand.New(rand.NewSource(seed))
	words := []string{"order", "price", "update", "hello", "the", "of", "message", "filled", "partial", "cancel", "today", "new", "see", "you"}
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, `{"id":%d,"type":"%s","user":{"id":%d,"name":"user%d"},"ts":17%08d,"price":%d.%02d,"text":"`,
			r.Intn(1e6), words[r.Intn(len(words))], r.Intn(1e4), r.Intn(100), r.Intn(1e8), r.Intn(1000), r.Intn(100))
		for range r.Intn(12) {
			b.WriteString(words[r.Intn(len(words))] + " ")
		}
		b.WriteString("\"}\n")
	}
	return b.Bytes()[:n]
}

func noise(n int, seed int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

// samples are messages of every kind, one after another.
func samples() [][]byte {
	all := [][]byte{
		nil, []byte("a"), []byte("Hello"), []byte("Hello"), noise(1, 1), noise(40, 2), noise(300, 3),
		json(20, 1), json(125, 2), json(129, 3), json(1000, 4), json(1024, 5), json(5000, 6),
		bytes.Repeat([]byte{0}, 10), bytes.Repeat([]byte{0}, 3000), bytes.Repeat([]byte("ab"), 200),
		json(40000, 7), json(65535, 8), json(65536, 9), noise(70000, 10), json(150000, 11),
		bytes.Repeat([]byte{7}, 140000), append(noise(30000, 12), json(30000, 13)...), json(100, 14),
	}
	for n := range 20 {
		all = append(all, json(n, int64(n)), noise(n, int64(n)))
	}
	return all
}

func TestMessagesDecodeAtEveryLevelAndWindow(t *testing.T) {
	messages := samples()
	for _, level := range levels {
		for bits := deflate.MinBits; bits <= deflate.MaxBits; bits++ {
			for _, takeover := range []bool{false, true} {
				t.Run(fmt.Sprintf("level %d, bits %d, takeover %v", level, bits, takeover), func(t *testing.T) {
					t.Parallel()
					c := newCompressor(bits, level, takeover)
					f := inflater{window: 1 << bits}
					for i, m := range messages {
						p := c.AppendMessage(nil, m)
						if !takeover {
							f.out = nil
						}
						if got, err := f.message(p); err != nil || !bytes.Equal(got, m) {
							t.Fatalf("message %d of %d bytes: %d bytes, %v", i, len(m), len(got), err)
						}
						if len(p) > deflate.Bound(len(m)) {
							t.Errorf("message %d of %d bytes: becomes %d, more than %d", i, len(m), len(p), deflate.Bound(len(m)))
						}
					}
				})
			}
		}
	}
}

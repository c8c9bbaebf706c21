package bench_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
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

// events returns n bytes of JSON like what a chat or a market sends.
func events(n int, seed int64) []byte {
	r := rand.New(rand.NewSource(seed))
	words := []string{
		"order", "price", "update", "hello", "the", "of", "message", "filled", "partial", "cancel", "today", "new",
		"see", "you", "there", "market", "please", "confirm", "volume", "thanks", "status", "pending", "again", "check",
	}
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, `{"id":%d,"type":"%s","user":{"id":%d,"name":"user%d"},"ts":17%08d,"price":%d.%02d,"text":"`,
			r.Intn(1e6), words[r.Intn(len(words))], r.Intn(1e4), r.Intn(100), r.Intn(1e8), r.Intn(1000), r.Intn(100))
		for range r.Intn(16) {
			b.WriteString(words[r.Intn(len(words))] + " ")
		}
		b.WriteString("\"}\n")
	}
	return b.Bytes()[:n]
}

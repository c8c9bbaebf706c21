package bench_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	kflate "github.com/klauspost/compress/flate"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/internal/inflate"
)

// proseText returns n bytes of sentences whose words are as frequent as those
// of a language are: the k-th of them 1/k as often as the first.
func proseText(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the of and to a in that it is was he for on as with his at be by had not but from have or this which they her she one were all their there an would what so if who when up out more no into some could them than time its only my new other about these two may then do first any your our over such most after also did many before must through years where much way well down should because each just those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three")
	for range 800 { // and rare ones, each of which has letters like the others
		w := words[r.IntN(60)] + words[r.IntN(130)]
		words = append(words, w[:min(len(w), 4+r.IntN(7))])
	}
	zipf := rand.NewZipf(r, 1.05, 2, uint64(len(words)-1))
	var b bytes.Buffer
	for b.Len() < n {
		sentence := words[zipf.Uint64()]
		for range 4 + r.IntN(16) {
			sentence += []string{" ", " ", " ", " ", " ", " ", " ", ", "}[r.IntN(8)] + words[zipf.Uint64()]
		}
		b.WriteString(strings.ToUpper(sentence[:1]) + sentence[1:] + ". ")
	}
	return b.Bytes()[:n]
}

// tail is what a sender removes from the end of a message.
const tail = "\x00\x00\xff\xff"

// deflated returns p as the messages of one stream, each of size bytes, level
// 6, with their tails.
func deflated(tb testing.TB, p []byte, size int) (messages [][]byte) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		tb.Fatal(err)
	}
	for ; len(p) > 0; p = p[size:] {
		b.Reset()
		w.Write(p[:size])
		w.Flush()
		messages = append(messages, bytes.Clone(b.Bytes()))
	}
	return messages
}

// BenchmarkInflate decodes one message without context takeover.
func BenchmarkInflate(b *testing.B) {
	for _, kind := range []struct {
		name string
		text func(int) []byte
	}{{"json", jsonText}, {"prose", proseText}} {
		for _, size := range []int{128, 1 << 10, 64 << 10} {
			name := fmt.Sprintf("%s/%d", kind.name, size)
			benchmarkInflate(b, name, kind.text(size), size, false)
		}
	}
}

// BenchmarkInflateRepeats decodes a message that repeats a few bytes, which is
// nearly all matches that overlap themselves: what is the most work for the
// octets that a peer has to send.
func BenchmarkInflateRepeats(b *testing.B) {
	const size = 4 << 20
	for _, period := range []int{1, 2, 3, 4, 5, 8, 15, 17, 31, 64, 258} {
		benchmarkInflate(b, fmt.Sprintf("period=%d", period), repeated(period, size), size, false)
	}
}

// repeated returns size bytes, which are a few random ones over and over.
func repeated(period, size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	p := make([]byte, period, size+period)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	for len(p) < size {
		p = append(p, p[:min(len(p), size-len(p))]...)
	}
	return p
}

// BenchmarkInflateTakeover decodes the next message of a stream of 64, which
// refer to each other.
func BenchmarkInflateTakeover(b *testing.B) {
	benchmarkInflate(b, "json/1024", jsonText(64<<10), 1<<10, true)
	benchmarkInflate(b, "prose/1024", proseText(64<<10), 1<<10, true)
}

// benchmarkInflate decodes text in messages of size bytes, over and over.
func benchmarkInflate(b *testing.B, name string, text []byte, size int, takeover bool) {
	messages := deflated(b, text, size)
	dst := make([]byte, size+1)
	run := func(peer string, read func(i int) ([]byte, error)) {
		b.Run(name+"/"+peer, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for i := range messages { // each is checked before the clock starts
				if got, err := read(i); err != nil || !bytes.Equal(got, text[i*size:][:size]) {
					b.Fatalf("message %d: decoded something else, %v", i, err)
				}
			}
			i := 0
			before := measure.CPUTime()
			for b.Loop() {
				if _, err := read(i); err != nil {
					b.Fatal(err)
				}
				if i++; i == len(messages) {
					i = 0
				}
			}
			reportProcessTime(b, before)
		})
	}
	// The first message refers to nothing, so that it may follow the last.
	ours := inflate.New(15, takeover)
	run("wirews", func(i int) ([]byte, error) {
		m := messages[i]
		out, _, err := ours.Inflate(dst[:0], m[:len(m)-len(tail)], true)
		return out, err
	})
	// The others begin a stream anew with the first message.
	stream := append(bytes.Join(messages, nil), "\x01\x00\x00\xff\xff"...)
	var src bytes.Reader
	from := func(r io.Reader) func(i int) ([]byte, error) {
		return func(i int) ([]byte, error) {
			if i == 0 {
				src.Reset(stream)
				if err := r.(flate.Resetter).Reset(&src, nil); err != nil {
					return nil, err
				}
			}
			n, err := io.ReadFull(r, dst[:size])
			return dst[:n], err
		}
	}
	run("klauspost", from(kflate.NewReader(&src)))
	run("stdlib", from(flate.NewReader(&src)))
}

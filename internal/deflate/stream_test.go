package deflate_test

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"os/exec"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/deflate"
)

// feed compresses a message with Compress, piece bytes and room octets at a
// time.
func feed(t testing.TB, c *deflate.Compressor, m []byte, piece, room func() int) (out []byte) {
	t.Helper()
	memory := make([]byte, 3+100000)
	for idle := 0; ; {
		n := min(piece(), len(m))
		fin := n == len(m)
		dst := memory[:3:min(3+room(), len(memory))]
		got, consumed := c.Compress(dst, m[:n], fin)
		if len(got) > cap(dst) || &got[0] != &dst[0] {
			t.Fatal("Compress has left dst")
		}
		out = append(out, got[3:]...)
		m = m[consumed:]
		if fin && len(m) == 0 && len(got) < cap(dst) {
			return out
		}
		if idle++; consumed > 0 || len(got) > 3 {
			idle = 0
		}
		if idle > 1000 {
			t.Fatal("Compress makes no progress")
		}
	}
}

func constant(n int) func() int { return func() int { return n } }

func TestAnyCutOfInputAndRoomDecodes(t *testing.T) {
	messages := [][]byte{[]byte("Hello"), []byte("Hello"), json(1500, 1), nil, noise(700, 1), json(1500, 2), json(70000, 3), noise(66000, 4)}
	cuts := []int{1, 2, 3, 7, 100, 1000, 4096, 65535, 65536, 1 << 20}
	for _, level := range []int{deflate.HuffmanOnly, 1, 2, 6} {
		for _, bits := range []int{8, 11, 15} {
			for _, takeover := range []bool{false, true} {
				t.Run(fmt.Sprintf("level %d, bits %d, takeover %v", level, bits, takeover), func(t *testing.T) {
					t.Parallel()
					for _, piece := range cuts {
						for _, room := range []int{1, 2, 5, 4096, 1 << 20} {
							c, again := newCompressor(bits, level, takeover), newCompressor(bits, level, takeover)
							f := inflater{window: 1 << bits}
							for i, m := range messages {
								if len(m) > 2000 && (piece < 1000 || room < 1000) {
									continue
								}
								p := feed(t, c, m, constant(piece), constant(room))
								if !takeover {
									f.out = nil
								}
								if got, err := f.message(p); err != nil || !bytes.Equal(got, m) {
									t.Fatalf("pieces of %d, room %d: message %d: %d bytes of %d, %v", piece, room, i, len(got), len(m), err)
								}
								if len(p) > deflate.Bound(len(m)) {
									t.Errorf("message %d of %d bytes becomes %d", i, len(m), len(p))
								}
								if !bytes.Equal(p, feed(t, again, m, constant(piece), constant(room))) {
									t.Fatal("the same calls give different octets")
								}
							}
						}
					}
				})
			}
		}
	}
}

// Room that is filled exactly leaves the message to be completed by a call
// that has room: the contract of wsproto.Encoder.
func TestMessageIsCompleteOnlyWithRoomLeft(t *testing.T) {
	c := newCompressor(15, 1, true)
	out, n := c.Compress(make([]byte, 0, 7), []byte("Hello"), true)
	if hex.EncodeToString(out) != "f248cdc9c90700" || n != 5 {
		t.Fatalf("%x, %d", out, n)
	}
	for range 2 {
		if out, n = c.Compress(nil, nil, true); len(out) != 0 || n != 0 {
			t.Fatalf("%x, %d", out, n)
		}
	}
	if out, n = c.Compress(make([]byte, 0, 1), nil, true); len(out) != 0 || n != 0 {
		t.Fatalf("%x, %d", out, n)
	}
	if got := c.AppendMessage(nil, []byte("Hello")); hex.EncodeToString(got) != "f200110000" {
		t.Fatalf("the next message is %x", got)
	}
}

func TestResetForgetsAMessageThatHasNotEnded(t *testing.T) {
	for _, takeover := range []bool{false, true} {
		c := newCompressor(15, 6, takeover)
		c.AppendMessage(nil, json(5000, 1))
		c.Compress(nil, json(100000, 2), false)
		c.Reset(15, 6, takeover)
		want := newCompressor(15, 6, takeover).AppendMessage(nil, json(3000, 3))
		if got := c.AppendMessage(nil, json(3000, 3)); !bytes.Equal(got, want) {
			t.Errorf("takeover %v: the connection before has influence", takeover)
		}
	}
}

func TestWithoutTakeoverNothingElseHasInfluence(t *testing.T) {
	for _, level := range levels {
		messages := samples()
		var want [][]byte
		for _, m := range messages {
			want = append(want, newCompressor(15, level, false).AppendMessage(nil, m))
		}
		c := newCompressor(15, level, false)
		for _, i := range rand.New(rand.NewSource(1)).Perm(len(messages)) {
			newCompressor(15, 9, false).AppendMessage(nil, noise(1000, int64(i)))
			if got := c.AppendMessage(nil, messages[i]); !bytes.Equal(got, want[i]) {
				t.Errorf("level %d: message %d of %d bytes depends on others", level, i, len(messages[i]))
			}
		}
	}
}

func TestCallersBugsPanic(t *testing.T) {
	for name, call := range map[string]func(){
		"bits 7":   func() { newCompressor(7, 1, true) },
		"bits 16":  func() { newCompressor(16, 1, true) },
		"level 0":  func() { newCompressor(15, 0, true) },
		"level -1": func() { newCompressor(15, -1, true) },
		"level 10": func() { newCompressor(15, 10, true) },
		"two at once": func() {
			c := newCompressor(15, 1, true)
			c.Compress(nil, []byte("a"), false)
			c.AppendMessage(nil, nil)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

// RFC 1951, section 3.2.4: a stored block has 5 octets beside its bytes. The
// empty one at the end adds one (RFC 7692, section 7.2.3.3).
func TestIncompressibleBytesAreStored(t *testing.T) {
	for _, level := range levels {
		for _, n := range []int{1000, 65535, 65536, 200000} {
			p := newCompressor(15, level, false).AppendMessage(nil, noise(n, 1))
			if most := n + 5*((n+65534)/65535) + 1; len(p) > most {
				t.Errorf("level %d: %d bytes become %d, want at most %d", level, n, len(p), most)
			}
		}
	}
}

func TestEveryKindOfBlockIsWritten(t *testing.T) {
	f := inflater{window: 1 << 15}
	for _, m := range samples() {
		if _, err := f.message(newCompressor(15, 6, false).AppendMessage(nil, m)); err != nil {
			t.Fatal(err)
		}
	}
	if f.blocks[0] == 0 || f.blocks[1] == 0 || f.blocks[2] == 0 {
		t.Errorf("stored, fixed and dynamic blocks: %v", f.blocks)
	}
}

// The messages of a connection, each with the octets 00 00 ff ff, are one
// DEFLATE stream.
func TestCompressFlateReadsTheStream(t *testing.T) {
	for _, level := range levels {
		for bits := deflate.MinBits; bits <= deflate.MaxBits; bits++ {
			c := newCompressor(bits, level, true)
			var want, stream []byte
			for _, m := range samples() {
				want = append(want, m...)
				stream = append(c.AppendMessage(stream, m), 0, 0, 0xff, 0xff)
			}
			got, err := io.ReadAll(flate.NewReader(bytes.NewReader(stream)))
			if err != io.ErrUnexpectedEOF || !bytes.Equal(got, want) {
				t.Errorf("level %d, bits %d: %d bytes of %d, %v", level, bits, len(got), len(want), err)
			}
		}
	}
}

// zlib refuses a distance beyond the window that it is told.
func TestZlibReadsTheStream(t *testing.T) {
	const script = `
import sys, zlib
for line in sys.stdin:
    bits, stream, want = line.split(" ")
    d = zlib.decompressobj(wbits=-int(bits))
    got = b"".join(d.decompress(bytes.fromhex(stream)[i:i+1000]) for i in range(0, len(stream) // 2, 1000))
    print(got == bytes.fromhex(want.strip()))
`
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3, whose zlib is to read the streams, is not installed:", err)
	}
	var in strings.Builder
	streams := 0
	for _, level := range []int{deflate.HuffmanOnly, 1, 2, 6, 9} {
		for bits := deflate.MinBits; bits <= deflate.MaxBits; bits++ {
			if testing.Short() && bits > deflate.MinBits && bits < deflate.MaxBits {
				continue
			}
			c := newCompressor(bits, level, true)
			var want, stream []byte
			for _, m := range samples() {
				want = append(want, m...)
				stream = append(c.AppendMessage(stream, m), 0, 0, 0xff, 0xff)
			}
			fmt.Fprintf(&in, "%d %x %x\n", bits, stream, want)
			streams++
		}
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != strings.Repeat("True\n", streams) {
		t.Errorf("%s, %v", out, err)
	}
}

func FuzzCompress(f *testing.F) {
	for i, m := range [][]byte{nil, []byte("Hello"), json(3000, 1), noise(500, 2), bytes.Repeat([]byte("ab"), 3000)} {
		f.Add(m, int8(i), uint8(i), i%2 == 0, int64(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, l int8, b uint8, takeover bool, seed int64) {
		level := levels[int(uint8(l))%len(levels)]
		bits := deflate.MinBits + int(b)%(deflate.MaxBits-deflate.MinBits+1)
		r := rand.New(rand.NewSource(seed))
		c := newCompressor(bits, level, takeover)
		in := inflater{window: 1 << bits}
		for range 4 {
			m := data[:r.Intn(len(data)+1)]
			m = bytes.Repeat(m, 1+r.Intn(3))
			var p []byte
			if r.Intn(2) == 0 {
				p = c.AppendMessage(nil, m)
			} else {
				most := 1 + r.Intn(2000)
				p = feed(t, c, m, func() int { return r.Intn(most + 1) }, func() int { return r.Intn(most + 1) })
			}
			if len(p) > deflate.Bound(len(m)) {
				t.Errorf("%d bytes become %d", len(m), len(p))
			}
			if !takeover {
				in.out = nil
			}
			if got, err := in.message(p); err != nil || !bytes.Equal(got, m) {
				t.Fatalf("level %d, bits %d, takeover %v: %d bytes of %d, %v", level, bits, takeover, len(got), len(m), err)
			}
			if len(data) > 0 {
				data = data[r.Intn(len(data)):]
			}
		}
	})
}

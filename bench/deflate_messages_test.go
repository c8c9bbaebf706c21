package bench_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/ws"
)

// deflateSizes are those of the messages, in bytes.
var deflateSizes = []int{1 << 10, 64 << 10}

const window = 32 << 10 // the largest of RFC 7692, in bytes

// deflateMessages returns different messages that have much in common, each of
// size bytes. Together they are longer than a window, so that going around in
// a circle does not find the same message again.
func deflateMessages(size int) (all [][]byte) {
	text := jsonText(min(64*size, 1<<20))
	for ; len(text) >= size; text = text[size:] {
		all = append(all, text[:size:size])
	}
	return all
}

// deflateConn is a server's connection, through one library.
type deflateConn struct {
	// write sends a text message.
	write func(p []byte) error
	// read receives n messages, after which the connection ends, and shows
	// each.
	read func(n int, show func(p []byte)) error
}

// BenchmarkDeflateMessages: a server compresses whole messages at level 1 and
// writes them, or reads masked ones that a client has compressed at level 6;
// its connection is in memory. wire-B is what a message has become, header and
// all. Where a library cannot share the context between messages, it is left
// out. Only wirews checks that text is UTF-8.
func BenchmarkDeflateMessages(b *testing.B) {
	for _, direction := range []string{"write", "read"} {
		for _, size := range deflateSizes {
			messages := deflateMessages(size)
			for _, takeover := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/%d/takeover=%v", direction, size, takeover), func(b *testing.B) {
					for _, peer := range deflatePeers {
						if takeover && !peer.takeover {
							continue
						}
						b.Run(peer.lib, func(b *testing.B) {
							b.SetBytes(int64(size))
							b.ReportAllocs()
							if direction == "write" {
								benchmarkDeflateWrite(b, peer, messages, takeover)
							} else {
								benchmarkDeflateRead(b, peer, messages, takeover)
							}
						})
					}
				})
			}
		}
	}
}

func benchmarkDeflateWrite(b *testing.B, peer deflatePeer, messages [][]byte, takeover bool) {
	conn := new(loopConn)
	server := peer.connect(b, conn, takeover)
	conn.sent = 0
	for _, p := range messages {
		server.write(p)
	}
	wire := float64(conn.sent) / float64(len(messages))
	b.ResetTimer()
	before := measure.CPUTime()
	for i := range b.N {
		if err := server.write(messages[i%len(messages)]); err != nil {
			b.Fatal(err)
		}
	}
	reportProcessTime(b, before)
	b.ReportMetric(wire, "wire-B")
}

// benchmarkDeflateRead counts to b.N: the connection has to know where to end,
// because there are libraries that read to the end.
func benchmarkDeflateRead(b *testing.B, peer deflatePeer, messages [][]byte, takeover bool) {
	conn := new(loopConn)
	server := peer.connect(b, conn, takeover)
	conn.play(deflatedFrames(messages, takeover), b.N)
	total := 0
	b.ResetTimer()
	before := measure.CPUTime()
	if err := server.read(b.N, func(p []byte) { total += len(p) }); err != nil {
		b.Fatal(err)
	}
	reportProcessTime(b, before)
	if total != b.N*len(messages[0]) {
		b.Fatalf("%d messages have %d bytes", b.N, total)
	}
	b.ReportMetric(float64(conn.length())/float64(len(messages)), "wire-B")
}

// reportProcessTime reports how much of it an operation took, which says more
// than ns/op on a machine that has other things to do.
func reportProcessTime(b *testing.B, before time.Duration) {
	if now := measure.CPUTime(); now > 0 {
		b.ReportMetric(float64(now-before)/float64(b.N), "cpu-ns/op")
	}
}

// deflatedFrames returns the messages as a client sends them that compresses
// with the standard library at level 6. They can be played in a circle: the
// first refers to nothing.
func deflatedFrames(messages [][]byte, takeover bool) (all [][]byte) {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 6)
	for _, p := range messages {
		out.Reset()
		if !takeover {
			w.Reset(&out)
		}
		w.Write(p)
		w.Flush()
		f := ws.NewTextFrame(bytes.TrimSuffix(bytes.Clone(out.Bytes()), []byte("\x00\x00\xff\xff")))
		f.Header.Rsv = ws.Rsv(true, false, false)
		all = append(all, ws.AppendFrame(nil, ws.MaskFrameInPlaceWith(f, key)))
	}
	return all
}

// TestDeflatePeers holds what is measured against the standard library: that
// all of it is right, and that context takeover is what was agreed on.
func TestDeflatePeers(t *testing.T) {
	for _, size := range deflateSizes {
		messages := deflateMessages(size)
		for _, takeover := range []bool{false, true} {
			for _, peer := range deflatePeers {
				if takeover && !peer.takeover {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d/takeover=%v", peer.lib, size, takeover), func(t *testing.T) {
					checkDeflateWrite(t, peer, messages, takeover)
					checkDeflateRead(t, peer, messages, takeover)
				})
			}
		}
	}
}

func checkDeflateWrite(t *testing.T, peer deflatePeer, messages [][]byte, takeover bool) {
	conn := new(loopConn)
	server := peer.connect(t, conn, takeover)
	var wire bytes.Buffer
	conn.record = &wire
	for _, p := range messages {
		if err := server.write(p); err != nil {
			t.Fatal(err)
		}
	}
	var dict []byte
	refers := false
	for i, want := range messages {
		payload := nextDeflated(t, &wire)
		alone, err := inflateMessage(payload, nil)
		if err != nil || !bytes.Equal(alone, want) {
			refers = true
			if got, err := inflateMessage(payload, dict); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("message %d: %d of %d bytes, %v", i, len(got), len(want), err)
			}
		}
		dict = append(dict, want...)
		dict = dict[max(0, len(dict)-window):]
	}
	// Not everybody looks back from a message that fills the window itself.
	if long := len(messages[0]) >= window; refers != takeover && !(long && takeover) {
		t.Errorf("refers to earlier messages: %v", refers)
	}
}

// nextDeflated returns the payload of the compressed message that r begins
// with.
func nextDeflated(t *testing.T, r io.Reader) (payload []byte) {
	t.Helper()
	for first := true; ; first = false {
		f, err := ws.ReadFrame(r)
		if err != nil {
			t.Fatal(err)
		}
		if compressed := f.Header.Rsv == ws.Rsv(true, false, false); compressed != first {
			t.Fatalf("%+v", f.Header)
		}
		if payload = append(payload, f.Payload...); f.Header.Fin {
			return payload
		}
	}
}

func inflateMessage(payload, dict []byte) ([]byte, error) {
	tailed := io.MultiReader(bytes.NewReader(payload), bytes.NewReader([]byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	return io.ReadAll(flate.NewReaderDict(tailed, dict))
}

func checkDeflateRead(t *testing.T, peer deflatePeer, messages [][]byte, takeover bool) {
	conn := new(loopConn)
	server := peer.connect(t, conn, takeover)
	n := 2*len(messages) + 1
	conn.play(deflatedFrames(messages, takeover), n)
	i := 0
	err := server.read(n, func(p []byte) {
		if !bytes.Equal(p, messages[i%len(messages)]) {
			t.Errorf("message %d has %d bytes", i, len(p))
		}
		i++
	})
	if err != nil || i != n {
		t.Errorf("%d of %d messages, %v", i, n, err)
	}
}

// TestDeflateMessagesWithoutAllocations: once all is warm, wirews allocates
// for no message.
func TestDeflateMessagesWithoutAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("pools lose things on purpose under the race detector")
	}
	for _, size := range deflateSizes {
		messages := deflateMessages(size)
		for _, takeover := range []bool{false, true} {
			for _, peer := range deflatePeers {
				if !peer.ours || takeover && !peer.takeover {
					continue
				}
				const runs = 200
				conn := new(loopConn)
				server := peer.connect(t, conn, takeover)
				i := 0
				if n := testing.AllocsPerRun(runs, func() {
					server.write(messages[i%len(messages)])
					i++
				}); n != 0 {
					t.Errorf("%s, %d bytes, takeover %v: %v allocations to write", peer.lib, size, takeover, n)
				}
				conn.play(deflatedFrames(messages, takeover), runs+1)
				if n := testing.AllocsPerRun(runs, func() { server.read(1, func([]byte) {}) }); n != 0 {
					t.Errorf("%s, %d bytes, takeover %v: %v allocations to read", peer.lib, size, takeover, n)
				}
			}
		}
	}
}

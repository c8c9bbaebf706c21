package bench_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// BenchmarkDeflateIdle: how much of the heap a server's connection holds that
// has sent and received messages of 1 KiB, and now waits for the next one. What
// pools hold is not in it, nor are stacks.
func BenchmarkDeflateIdle(b *testing.B) {
	for _, takeover := range []bool{false, true} {
		b.Run(fmt.Sprintf("takeover=%v", takeover), func(b *testing.B) {
			for _, peer := range deflatePeers {
				if takeover && !peer.takeover || !peer.connection {
					continue
				}
				b.Run(peer.lib, func(b *testing.B) {
					held := 0.0
					for b.Loop() {
						held = idleDeflate(b, peer, takeover)
					}
					b.ReportMetric(held, "heap-B/conn")
				})
			}
		})
	}
}

// BenchmarkDeflateIdleExtension is BenchmarkDeflateIdle for a wsflate.Deflate
// alone, at levels that search with different tables, and for all windows.
func BenchmarkDeflateIdleExtension(b *testing.B) {
	for _, level := range []int{wsflate.Fastest, wsflate.Balanced} {
		for bits := wsflate.WindowBits(9); bits <= 15; bits += 2 {
			b.Run(fmt.Sprintf("level=%d/bits=%d", level, bits), func(b *testing.B) {
				agreed := wsflate.Parameters{ServerMaxWindowBits: bits, ClientMaxWindowBits: bits}
				held := 0.0
				for b.Loop() {
					held = idleExtension(b, agreed, level)
				}
				b.ReportMetric(held, "heap-B/conn")
			})
		}
	}
}

func idleExtension(b *testing.B, agreed wsflate.Parameters, level int) float64 {
	const conns = 256
	messages := deflateMessages(1 << 10)
	client := wsflate.New(ws.StateClientSide, agreed, nil)
	var received [][]byte
	for _, p := range messages {
		received = append(received, client.Encoder().AppendMessage(nil, p))
	}
	var all [conns]*wsflate.Deflate
	buf := make([]byte, 0, 4<<10)
	before := heap()
	for i := range all {
		d := wsflate.New(ws.StateServerSide, agreed, &wsflate.Options{Level: level})
		for j, p := range messages {
			d.Encoder().AppendMessage(buf, p)
			if _, err := d.Decoder().DecodeAppend(buf, received[j]); err != nil {
				b.Fatal(err)
			}
		}
		all[i] = d
	}
	held := float64(heap()-before) / conns
	runtime.KeepAlive(all)
	return held
}

// idleDeflate returns how many bytes one of many connections holds.
func idleDeflate(b *testing.B, peer deflatePeer, takeover bool) float64 {
	const conns = 256
	messages := deflateMessages(1 << 10)
	frames := deflatedFrames(messages, takeover)
	idle, hold, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	wire := bytes.Join(frames, nil) // one for all, so that it does not count
	first := peer.connect(b, new(loopConn), takeover)
	for _, p := range messages {
		first.write(p) // now there is what all connections of a server share
	}
	before := heap()
	for range conns {
		conn := &loopConn{idle: idle, hold: hold}
		server := peer.connect(b, conn, takeover)
		for _, p := range messages {
			server.write(p)
		}
		conn.playWire(wire, int64(len(wire)))
		go func() {
			server.read(len(frames)+1, func([]byte) {})
			ended <- struct{}{}
		}()
		<-idle
	}
	held := float64(heap()-before) / conns
	close(hold)
	for range conns {
		<-ended
	}
	return held
}

// heap returns how many bytes are in use. Two collections empty the pools.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

package wspoll

import (
	"fmt"
	"testing"

	"github.com/wirews/wirews/ws"
)

// What a message costs that is echoed, besides the system: it comes with others in one
// read, and leaves with them in one write.
func BenchmarkEcho(b *testing.B) {
	for _, together := range []int{1, 16} {
		b.Run(fmt.Sprintf("%d of 128 bytes", together), func(b *testing.B) {
			l, _ := newFakeLoop(b, &Server{OnMessage: func(c *Conn, op ws.OpCode, p []byte) { c.Write(op, p) }})
			f := &same{}
			for range together {
				f.in = ws.AppendFrame(f.in, ws.MaskFrame(ws.NewBinaryFrame(make([]byte, 128))))
			}
			l.poll = f
			c := newConn(l, 0)
			c.stage = stageOpen
			l.add(c)
			l.mustTurn(b)
			b.ReportAllocs()
			for b.Loop() {
				f.full = true
				c.reported(readable)
				l.turn()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*together), "ns/message")
		})
	}
}

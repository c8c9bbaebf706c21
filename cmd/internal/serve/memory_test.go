package serve_test

import (
	"bytes"
	"compress/flate"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// A message of 1 MiB that 1 KiB inflates to, without a last frame (FIN=0, RSV1).
func unfinished(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, 1<<20))
	w.Flush()
	f := masked(ws.OpBinary, false, b.String())
	f[0] |= 0x40
	return f
}

func TestUnfinishedMessagesOfAllConnectionsHaveOneLimit(t *testing.T) {
	eachWay(t, testUnfinishedMessagesOfAllConnectionsHaveOneLimit)
}

func testUnfinishedMessagesOfAllConnectionsHaveOneLimit(t *testing.T, o serve.Options) {
	o.MessageMemory = 16 << 20
	s := start(t, o)
	begin := unfinished(t)
	if len(begin) > 2<<10 {
		t.Fatalf("%d bytes make 1 MiB", len(begin))
	}
	const conns, fit = 120, 16
	var holding []peer
	for i := range conns {
		c := peer{s.connectPacking(t, "/echo", wsflate.Parameters{}).conn, t}
		c.send(join(begin, masked(ws.OpPing, true, "?")))
		if i < fit {
			c.want("pong", ws.OpPong, []byte("?"))
			holding = append(holding, c)
			continue
		}
		c.wantClose("over the limit", ws.StatusTryAgainLater, "unfinished messages")
	}
	eventually(t, "the others are gone", func() bool { return s.vars(t).ClosedByCode["1013"] == conns-fit })
	if v := s.vars(t); v.MessageBytes != fit<<20 {
		t.Errorf("%d bytes are held, want %d", v.MessageBytes, fit<<20)
	}

	// Others can still talk: a message in two fragments needs no memory of that.
	small := s.connect(t)
	small.send(join(masked(ws.OpText, false, "still "), masked(ws.OpContinuation, true, "here")))
	small.want("a short message", ws.OpText, []byte("still here"))

	// Each way to end gives the memory back: the end of the message, a close
	// frame, a broken rule, the end of TCP.
	last := masked(ws.OpContinuation, true, "\x00")
	holding[0].send(last)
	if f, err := ws.ReadFrame(holding[0]); err != nil || f.Header.OpCode != ws.OpBinary {
		t.Errorf("got %+v, %v, want the message back", f.Header, err)
	}
	for i, c := range holding {
		switch i % 3 {
		case 0:
			c.send(closing(1000, ""))
			c.wantClose("close", 1000, "")
		case 1:
			c.send(masked(ws.OpText, true, "message inside a message"))
			c.wantClose("broken rule", 1002, "")
		default:
			c.Close()
		}
	}
	eventually(t, "the memory is given back", func() bool { return s.vars(t).MessageBytes == 0 })
}

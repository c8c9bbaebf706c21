package wspoll_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// echo sends every message back.
func echo(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) }

func TestMessagesComeBack(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		addr := serve(t, &wspoll.Server{OnMessage: echo}, poller)
		p := open(t, addr)
		for i := range 100 {
			p.send(text(fmt.Sprint("message ", i)))
			p.want(ws.OpText, fmt.Sprint("message ", i))
		}
		long := strings.Repeat("x", 1<<20)
		p.send(frame(ws.OpBinary, false, long[:1000]))
		p.send(frame(ws.OpPing, true, "?"))
		p.want(ws.OpPong, "?")
		go p.Write(frame(ws.OpContinuation, true, long[1000:]))
		p.want(ws.OpBinary, long)
		p.send(frame(ws.OpClose, true, "\x03\xe8"))
		p.wantClose(1000)
	})
}

// What comes in one read is answered together.
func TestPipelinedMessagesComeBackInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		addr := serve(t, &wspoll.Server{OnMessage: echo}, poller)
		p := open(t, addr)
		const n = 1000
		var all []byte
		for i := range n {
			all = append(all, text(fmt.Sprint(i))...)
		}
		go p.Write(all)
		for i := range n {
			p.want(ws.OpText, fmt.Sprint(i))
		}
	})
}

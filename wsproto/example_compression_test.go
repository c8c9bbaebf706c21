package wsproto_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// A loop with compression differs in two places from one without: NewConn is
// given what the handshake has agreed on, and Next is given room.
func ExampleConn_compression() {
	agreed := wsflate.Parameters{} // of wsflate.Extension.Accepted

	// One room serves all connections of a loop: nothing of it is needed after
	// the next call.
	room := make([]byte, 16<<10)

	conn := wsproto.NewConn(nil, wsflate.New(ws.StateServerSide, agreed, nil))
	var message wsproto.Assembler
	receive := func(out, in []byte, now time.Duration) []byte {
		for {
			ev, n, err := conn.Next(in, room)
			out = conn.AppendAnswer(out, ev, err, now)
			if err != nil {
				return out // ws.ErrShort: more is needed
			}
			in = in[n:]
			if ev.Op.IsControl() {
				continue
			}
			if m, done := message.Add(ev); done {
				out, _ = conn.AppendMessage(out, ev.Op, m)
			}
		}
	}

	client := wsproto.NewConn(&wsproto.Config{State: ws.StateClientSide, Mask: ws.NewMask}, wsflate.New(ws.StateClientSide, agreed, nil))
	text := strings.Repeat("Hello, world! ", 5000)
	in, _ := client.AppendMessage(nil, ws.OpText, []byte(text))
	fmt.Println(len(text), "bytes, sent in fewer than 400:", len(in) < 400)

	out := receive(nil, in[:10], 0) // as the network happens to cut it
	out = receive(out, in[10:], 0)

	var echo []byte
	for pieces := 1; ; pieces++ {
		ev, n, err := client.Next(out, room)
		if err != nil {
			fmt.Println(err)
			return
		}
		out = out[n:]
		if echo = append(echo, ev.Payload...); ev.Last {
			fmt.Println(pieces, "pieces that fit into the room; the same text:", string(echo) == text)
			return
		}
	}
	// Output:
	// 70000 bytes, sent in fewer than 400: true
	// 5 pieces that fit into the room; the same text: true
}

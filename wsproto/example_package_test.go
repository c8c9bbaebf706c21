package wsproto_test

import (
	"fmt"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// A client and a server without a network: what one appends, the other is given.
func Example() {
	client := wsproto.NewConn(&wsproto.Config{State: ws.StateClientSide}, nil)
	server := wsproto.NewConn(nil, nil)

	wire, _ := client.AppendMessage(nil, ws.OpText, []byte("hello"))
	ev, n, err := server.Next(wire, nil)
	fmt.Printf("%v %q, %d of %d bytes, %v\n", ev.Op, ev.Payload, n, len(wire), err)

	wire, _ = server.AppendPing(nil, []byte("still there?"))
	ev, _, err = client.Next(wire, nil)
	answer := client.AppendAnswer(nil, ev, err, 0)
	ev, _, _ = server.Next(answer, nil)
	fmt.Printf("%v %q\n", ev.Op, ev.Payload)

	_, _, err = server.Next([]byte{0x81, 0x05, 'h', 'e', 'l', 'l', 'o'}, nil) // a client has to mask
	fmt.Println(err)
	fmt.Printf("% x\n", server.AppendAnswer(nil, wsproto.Event{}, err, 0)[:4])
	// Output:
	// text "hello", 11 of 11 bytes, <nil>
	// pong "still there?"
	// ws: frame of a client is not masked
	// 88 25 03 ea
}

package websocket_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"

	"github.com/wirews/wirews/websocket"
)

// All connections of a program may share Counters. Here both ends do, which only a
// test would want: each message is received once and sent once.
func ExampleCounters() {
	var counters websocket.Counters
	s := server(&websocket.AcceptOptions{Counters: &counters}, func(c *websocket.Conn) {
		typ, p, _ := c.Read(context.Background())
		c.Write(context.Background(), typ, p)
		c.CloseRead(context.Background())
		c.Close(websocket.StatusNormalClosure, "")
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{Counters: &counters})
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Write(ctx, websocket.MessageText, []byte("hello"))
	c.Read(ctx)
	c.Read(ctx) // to the end
	all := counters.Stats()
	fmt.Println("opened:", all.Opened)
	fmt.Println("sent:", all.Sent.Messages, "messages,", all.Sent.Bytes, "bytes")
	fmt.Println("received:", all.Received.Messages, "messages,", all.Received.Bytes, "bytes")
	// Output:
	// opened: 2
	// sent: 2 messages, 10 bytes
	// received: 2 messages, 10 bytes
}

// What is published by package expvar is served at /debug/vars.
func ExampleCounters_Stats() {
	var counters websocket.Counters
	expvar.Publish("websocket", expvar.Func(func() any { return counters.Stats() }))

	var published struct {
		Open, Opened int
		Received     struct{ Messages int }
	}
	err := json.Unmarshal([]byte(expvar.Get("websocket").String()), &published)
	fmt.Printf("%+v %v\n", published, err)
	// Output: {Open:0 Opened:0 Received:{Messages:0}} <nil>
}

// How much a connection has transferred, for a line in a log.
func ExampleConn_Stats() {
	s := server(nil, echo)
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{Counters: new(websocket.Counters)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		c.Write(ctx, websocket.MessageText, []byte("hello"))
		c.Read(ctx)
	}
	c.Close(websocket.StatusNormalClosure, "")
	own := c.Stats()
	fmt.Println(own.Sent.Bytes, own.Received.Bytes, own.Closes.Received[1000], own.Ended.Us)
	// Output: 15 15 1 1
}

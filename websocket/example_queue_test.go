package websocket_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// connect returns both ends of a connection in memory.
func connect(opts *websocket.AcceptOptions) (server, client *websocket.Conn) {
	return wstest.Pipe(noTest{}, opts, nil)
}

// noTest is the testing.TB of an example.
type noTest struct{ testing.TB }

func (noTest) Helper()                   {}
func (noTest) Cleanup(func())            {}
func (noTest) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

// A server that tells prices to peers that may be slow: of each share, a peer gets
// the latest price, and no peer holds up the others.
func ExampleConn_Enqueue() {
	opts := &websocket.AcceptOptions{Queue: &websocket.Queue{Bytes: 256 << 10, WhenFull: websocket.QueueKeepLatest}}
	server, client := connect(opts)
	ctx := context.Background()

	var receipt websocket.Receipt
	err := server.Enqueue(ctx, websocket.Outgoing{
		Type:     websocket.MessageText,
		Data:     []byte("ACME 101.5"),
		Key:      "ACME",
		Deadline: time.Now().Add(5 * time.Second),
		Receipt:  &receipt,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, p, _ := client.Read(ctx)
	fmt.Printf("%s, sent: %v\n", p, receipt.Wait(ctx) == nil)
	// Output: ACME 101.5, sent: true
}

func ExampleBroadcast() {
	opts := &websocket.AcceptOptions{Queue: &websocket.Queue{WhenFull: websocket.QueueClose}}
	var servers, clients []*websocket.Conn
	for range 3 {
		server, client := connect(opts)
		servers, clients = append(servers, server), append(clients, client)
	}

	m, _ := websocket.NewPreparedMessage(websocket.MessageText, []byte("to everybody"))
	refused := websocket.Broadcast(m, slices.Values(servers))

	for _, c := range clients {
		_, p, _ := c.Read(context.Background())
		fmt.Printf("%s\n", p)
	}
	fmt.Println("refused:", refused)
	// Output:
	// to everybody
	// to everybody
	// to everybody
	// refused: 0
}

package websocket

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

// What is written in answer to the last message may be held back up to 16 KiB
// of its own, whatever is held back before it, as long as a buffer holds all.
func TestHowMuchIsHeldBackBehindTheLastMessage(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	for _, tc := range []struct{ held, want int }{
		{0, 16 << 10}, {20 << 10, 36 << 10}, {60 << 10, holdMost}, {holdMost, holdMost},
	} {
		c := newConn(server, ws.StateServerSide, "", nil, &settings{})
		c.hold.Store(holdLess)
		c.out = borrow(smallest)
		c.out.b = c.out.b[:tc.held]
		if got := c.mayHold(); got != tc.want {
			t.Errorf("behind %d bytes: %d, want %d", tc.held, got, tc.want)
		}
		c.out.b = append(c.out.b, "more"...)
		if got := c.mayHold(); got != tc.want {
			t.Errorf("behind %d bytes and more: %d, want %d", tc.held, got, tc.want)
		}
	}
}

// What a Writer sends counts from its beginning.
func TestHowMuchOfAWriterIsHeldBackBehindTheLastMessage(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go io.Copy(io.Discard, client)
	c := newConn(server, ws.StateServerSide, "", nil, &settings{})
	c.hold.Store(holdLess)
	w, err := c.Writer(context.Background(), MessageBinary)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, 100<<10))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := c.mayHold(); got != holdSome {
		t.Errorf("%d bytes may be held back, want %d", got, holdSome)
	}
	if n := c.pending(); n >= holdSome {
		t.Errorf("%d bytes are held back", n)
	}
}

// Write waits for an open Writer without a buffer.
func TestAWriteThatHasToWaitBorrowsNothing(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go io.Copy(io.Discard, client)
	c := newConn(server, ws.StateServerSide, "", nil, &settings{hold: holdSome})
	w, err := c.Writer(context.Background(), MessageBinary)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, fragmentSize+1)) // the first fragment is sent
	if c.holdBack(context.Background(), ws.OpBinary, []byte("x")) {
		t.Error("it is in the middle of the Writer's message")
	}
	if c.out != nil {
		t.Errorf("it has a buffer with %d bytes", c.pending())
	}
}

// A buffer is used again, whatever it was filled with.
func TestBuffersGoBackToTheirPools(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	for _, size := range []int{0, 100, smallest - ws.MaxHeaderSize, smallest, 64 << 10, 200 << 10, 1 << 20} {
		for _, held := range []int{0, 1, 16 << 10, holdMost} {
			c := newConn(server, ws.StateServerSide, "", nil, &settings{})
			c.out = borrow(smallest)
			c.out.b = c.out.b[:held]
			out, err := c.proto.AppendMessage(c.outgoing(size), ws.OpBinary, make([]byte, size))
			if err != nil {
				t.Fatal(err)
			}
			if c.out.b = out; !c.out.pooled() {
				t.Errorf("%d bytes behind %d: the buffer has become one of %d, which has no pool", size, held, cap(out))
			}
			if begin := len(out) - size; begin < held || begin > held+ws.MaxHeaderSize {
				t.Errorf("%d bytes behind %d: they begin at %d", size, held, begin)
			}
		}
	}
}

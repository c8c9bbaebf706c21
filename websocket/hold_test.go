package websocket

import (
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

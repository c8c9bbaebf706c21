package autobahn

import (
	"context"
	"net"
)

// MemoryNet is memoryNet for the tests outside of the package.
type MemoryNet struct{ *memoryNet }

func NewMemoryNet() MemoryNet { return MemoryNet{newMemoryNet()} }

func (n MemoryNet) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return n.dial(ctx, network, addr)
}

// Over has c connect by n.
func (c *Client) Over(n MemoryNet) { c.Dial = n.dial }

package websocket

import (
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// drop has the receiving half drop messages from now on, and the one that is being
// put together or read: once we have begun to close the connection, nobody wants
// them. It needs the lock of the input.
func (c *Conn) drop() {
	limit := serverDrops
	if c.client() {
		limit = clientDrops
	}
	c.in.limit.Store(limit)
	rx := c.wake()
	rx.stream = nil
	rx.Discard(&limit.config)
}

var (
	serverDrops = &readLimit{endpoint.DiscardConfig(ws.StateServerSide), -1}
	clientDrops = &readLimit{endpoint.DiscardConfig(ws.StateClientSide), -1}
)

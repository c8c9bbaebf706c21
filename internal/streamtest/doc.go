// Package streamtest tests what a WebSocket does on a stream, over whatever version of
// HTTP. The modules that carry such streams call it.
package streamtest

import (
	"context"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

// Way is how a WebSocket is carried.
type Way struct {
	// Open has a server, in memory, accept connections and hand each to use, at whose
	// return it ends, and opens one. It is called in a bubble of testing/synctest.
	Open func(t *testing.T, accept *websocket.AcceptOptions, use func(c *websocket.Conn), dial *websocket.DialOptions) *websocket.Conn

	// Late is how much later than when it is due something may happen: what carries
	// the stream may have timers of its own.
	Late time.Duration
}

// roles are those of the end that is tested.
var roles = []string{"server", "client"}

var bg = context.Background()

package h3_test

import (
	"testing"
	"time"

	"github.com/wirews/wirews/internal/streamtest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

// QUIC has timers of its own.
var way = streamtest.Way{Late: time.Second / 2, Open: func(t *testing.T, options *websocket.AcceptOptions, use func(*websocket.Conn), dial *websocket.DialOptions) *websocket.Conn {
	return serveInMemory(t, new(network), h3.QUICConfig(10, 0), accept(t, options, func(c *websocket.Conn) error { use(c); return nil })).dial(t, dial)
}}

func TestAQueueKeepsToItsPolicyWhileTheWindowsAreFull(t *testing.T) { way.Queues(t) }

func TestKeepAliveEndsWhatDoesNotAnswer(t *testing.T) { way.KeepAlives(t) }

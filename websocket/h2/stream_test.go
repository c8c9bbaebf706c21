package h2_test

import (
	"testing"

	"github.com/wirews/wirews/internal/streamtest"
	"github.com/wirews/wirews/websocket"
)

var way = streamtest.Way{Open: func(t *testing.T, accept *websocket.AcceptOptions, use func(*websocket.Conn), dial *websocket.DialOptions) *websocket.Conn {
	return serve(t, &isolating, acceptWith(accept, func(c *websocket.Conn) error { use(c); return nil })).dial(t, dial)
}}

func TestAQueueKeepsToItsPolicyWhileTheWindowsAreFull(t *testing.T) { way.Queues(t) }

func TestKeepAliveEndsWhatDoesNotAnswer(t *testing.T) { way.KeepAlives(t) }

package main

import (
	"context"
	"errors"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// errHole ends a connection of which something was dropped on its way.
var errHole = errors.New("a message is missing")

// Follow shows what there is in a topic, until ctx ends. Whenever the connection has
// been lost, it connects again, and says first where it was.
func Follow(ctx context.Context, url string, opts *websocket.RedialOptions, where Subscribe, show func(Event)) error {
	return websocket.Redial(ctx, url, opts, func(ctx context.Context, c *websocket.Conn) error {
		if err := wsjson.Write(ctx, c, where); err != nil {
			return err
		}
		for {
			var e Event
			if err := wsjson.Read(ctx, c, &e); err != nil {
				return err
			}
			if e.Kind == "message" && e.Prev.Offset > where.After.Offset {
				return errHole
			}
			where.After = e.At
			show(e)
		}
	})
}

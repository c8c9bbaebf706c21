package websocket

import (
	"context"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// Rate bounds what a peer sends over time. Its fields are those of [wsproto.Rate].
type Rate = wsproto.Rate

// pace is endpoint.Pace for whoever reads, which has the lock of the input.
type pace struct {
	endpoint.Pace
	hurry chan struct{} // has a value once we close the connection
}

// countPace counts what was received, if there is a Rate.
func (c *Conn) countPace(messages, bytes int) {
	if c.settings.rate != nil {
		c.addToPace(messages, bytes)
	}
}

func (c *Conn) addToPace(messages, bytes int) {
	c.extras().pace.Count(c.settings.rate, messages, bytes, now())
}

// keepPace waits until the peer may have sent what it has. ended says that it may not,
// for conclude; otherwise the error is that of ctx, or why the connection has ended.
func (c *Conn) keepPace(ctx context.Context) (ended bool, err error) {
	if c.settings.rate == nil {
		return false, nil
	}
	return c.awaitPace(ctx)
}

// awaitPace is keepPace where there is a Rate. Without one, keepPace is inlined.
func (c *Conn) awaitPace(ctx context.Context) (ended bool, err error) {
	rate, p := c.settings.rate, c.extras().pace
	until, late := p.Until()
	if !late || c.end.asked.Load() {
		return false, nil
	}
	if rate.Close {
		return true, wsproto.ErrOverRate
	}
	if wait := until - now(); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.hurry:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		case <-c.end.done():
			return false, c.end.err()
		}
	}
	p.Waited()
	return false, nil
}

// ask notes that Close was called, and has whoever reads go on to the end.
func (c *Conn) ask() {
	c.end.asked.Store(true)
	if c.settings.rate == nil {
		return
	}
	select {
	case c.extras().pace.hurry <- struct{}{}:
	default:
	}
}

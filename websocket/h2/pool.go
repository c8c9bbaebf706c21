package h2

import (
	"context"
	"fmt"
	"net/url"
)

// conn returns a connection with a reservation on it: one that is there, or a new one.
func (t *Transport) conn(ctx context.Context, p place, proxy *url.URL) (c *conn, reused bool, err error) {
	return t.pool.Get(ctx, p, t.connectTimeout(), func(ctx context.Context) (*conn, error) { return t.connect(ctx, p, proxy) })
}

// Full says why a new connection takes no stream, and ends it.
func (c *conn) Full() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != nil {
		return fmt.Errorf("%w: %w", errUnprocessed, c.leaving)
	}
	c.giveUp(&ConnError{Err: errNoStreams})
	return errNoStreams
}

// Ended reports whether the connection has ended.
func (c *conn) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}

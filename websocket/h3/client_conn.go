package h3

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// clientConn is a connection to a server, and how many of its streams are in use.
type clientConn struct {
	quic        *quic.Conn
	http        *http3.ClientConn
	max         int           // streams at once
	timeout     time.Duration // for the server to allow a stream
	idleTimeout time.Duration // zero: none

	mu      sync.Mutex
	streams int         // with those that are going to be begun
	leaving error       // why no stream may be begun any more
	ended   error       // why the connection has ended
	idle    *time.Timer // ends a connection without streams
}

// Reserve makes sure that a stream may be begun, as far as is known here. Release gives
// that back, and is to be called when the stream has ended.
func (c *clientConn) Reserve() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != nil || c.streams >= c.max {
		return false
	}
	c.streams++
	if c.idle != nil {
		c.idle.Stop()
		c.idle = nil
	}
	return true
}

// Release says that a stream has ended, or is not begun.
func (c *clientConn) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streams--; c.streams > 0 || c.ended != nil {
		return
	}
	if c.leaving != nil {
		go c.close() // which waits for what may hold the lock
		return
	}
	if c.idleTimeout > 0 {
		c.idle = time.AfterFunc(c.idleTimeout, c.closeIdle)
	}
}

// Full says why a new connection takes no stream.
func (c *clientConn) Full() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != nil {
		return fmt.Errorf("%w: %w", errUnprocessed, c.leaving)
	}
	return errors.New("h3: Transport.MaxStreams allows no stream")
}

// Ended reports whether the connection has ended.
func (c *clientConn) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended != nil
}

// leave has no stream be begun any more; the connection ends after the last one.
func (c *clientConn) leave(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving == nil {
		c.leaving = why
	}
}

// left reports whether no stream may be begun any more.
func (c *clientConn) left() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving != nil
}

// end notes that the connection has ended.
func (c *clientConn) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = why
	if c.leaving == nil {
		c.leaving = why
	}
	if c.idle != nil {
		c.idle.Stop()
	}
}

// closeIdle ends the connection if it has no streams.
func (c *clientConn) closeIdle() {
	c.mu.Lock()
	busy := c.streams > 0 || c.ended != nil
	if !busy && c.leaving == nil {
		c.leaving = errIdle
	}
	c.mu.Unlock()
	if !busy {
		c.close()
	}
}

func (c *clientConn) close() {
	c.http.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
}

// openStream opens a stream, or returns an error with errUnprocessed in it if another
// connection may do so.
func (c *clientConn) openStream(ctx context.Context) (*http3.RequestStream, error) {
	limit, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	s, err := c.http.OpenRequestStream(limit)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limit.Err() != nil:
		return nil, errNoStream
	}
	c.leave(err) // GOAWAY, or the end
	return nil, fmt.Errorf("%w: %w", errUnprocessed, typed(err))
}

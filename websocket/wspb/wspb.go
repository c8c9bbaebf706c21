// Package wspb reads and writes messages of protocol buffers. It is a module of
// its own, so that package websocket needs no protocol buffers.
package wspb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/wirews/wirews/websocket"
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// largest is the size in bytes of the largest buffer that is kept.
const largest = 64 << 10

// ErrText says that a text message came where a binary one was to come.
var ErrText = errors.New("wspb: protocol buffers are sent as binary messages, and this one is text")

// Read reads a binary message and unmarshals it into m. If the error is ctx's,
// it can be repeated; a message of text ends the connection with code 1003, one
// that is not a message for m with 1007. The closing handshake takes no longer
// than ctx allows.
func Read(ctx context.Context, c *websocket.Conn, m proto.Message) error {
	b := buffers.Get().(*[]byte)
	defer giveBack(b)
	typ, p, err := c.ReadAppend(ctx, (*b)[:0])
	if err != nil {
		return fmt.Errorf("wspb: %w", err)
	}
	*b = p
	if typ != websocket.MessageBinary {
		closeConn(ctx, c, websocket.StatusUnsupportedData, "expected a binary message")
		return ErrText
	}
	if err := proto.Unmarshal(p, m); err != nil {
		closeConn(ctx, c, websocket.StatusInvalidFramePayloadData, "failed to unmarshal protobuf")
		return fmt.Errorf("wspb: %w", err)
	}
	return nil
}

// closeTimeout bounds a closing handshake where the caller's context does not.
const closeTimeout = 5 * time.Second

func closeConn(ctx context.Context, c *websocket.Conn, code websocket.StatusCode, reason string) {
	brief, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	c.CloseContext(brief, code, reason)
}

// Write sends m as a binary message. Nothing is sent if m cannot be marshalled.
func Write(ctx context.Context, c *websocket.Conn, m proto.Message) error {
	b := buffers.Get().(*[]byte)
	defer giveBack(b)
	p, err := proto.MarshalOptions{}.MarshalAppend((*b)[:0], m)
	if err != nil {
		return fmt.Errorf("wspb: %w", err)
	}
	*b = p
	if err := c.Write(ctx, websocket.MessageBinary, p); err != nil {
		return fmt.Errorf("wspb: %w", err)
	}
	return nil
}

func giveBack(b *[]byte) {
	if cap(*b) <= largest {
		buffers.Put(b)
	}
}

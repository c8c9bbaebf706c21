// Package wsjson reads and writes messages of JSON.
package wsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/wirews/wirews/websocket"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// closeTimeout bounds a closing handshake where the caller's context does not.
const closeTimeout = 5 * time.Second

// largest is the size in bytes of the largest buffer that is kept.
const largest = 64 << 10

// Read reads a message and unmarshals it into v. If the error is ctx's, it can
// be repeated; if the message is not JSON for v, the connection has ended, with
// code 1007; the closing handshake takes no longer than ctx allows.
func Read(ctx context.Context, c *websocket.Conn, v any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer giveBack(b)
	_, p, err := c.ReadAppend(ctx, b.AvailableBuffer())
	if err != nil {
		return fmt.Errorf("wsjson: %w", err)
	}
	b.Write(p) // in place, unless it has grown
	if err := json.Unmarshal(p, v); err != nil {
		brief, cancel := context.WithTimeout(ctx, closeTimeout)
		defer cancel()
		c.CloseContext(brief, websocket.StatusInvalidFramePayloadData, "failed to unmarshal JSON")
		return fmt.Errorf("wsjson: %w", err)
	}
	return nil
}

// Write sends v as a text message of JSON. Nothing is sent if v cannot be
// marshalled.
func Write(ctx context.Context, c *websocket.Conn, v any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer giveBack(b)
	if err := json.NewEncoder(b).Encode(v); err != nil {
		return fmt.Errorf("wsjson: %w", err)
	}
	if err := c.Write(ctx, websocket.MessageText, b.Bytes()); err != nil {
		return fmt.Errorf("wsjson: %w", err)
	}
	return nil
}

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= largest {
		b.Reset()
		buffers.Put(b)
	}
}

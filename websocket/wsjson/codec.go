package wsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wirews/wirews/websocket"
)

// Codec reads and writes messages of JSON as its fields say, which concern reading.
// The zero value is what Read and Write use. A Codec may be copied, and used by
// several goroutines and for many connections.
type Codec struct {
	// MaxDepth is how deep arrays and objects may be nested: 1 for [0], 2 for [[0]].
	// Zero: 10,000, which encoding/json does not exceed in any case. A message that
	// is nested deeper is a *DepthError, found before anything is decoded, and closes
	// the connection with code 1008.
	MaxDepth int

	// MaxBytes is how many bytes a message may have. Zero: as many as the connection
	// takes. A longer one is a *SizeError and closes the connection with 1009. It has
	// been received by then: what bounds memory is [websocket.Conn.SetReadLimit].
	// MaxBytes is for messages, among others of the same connection, that have to be
	// short.
	MaxBytes int

	// UseNumber unmarshals numbers into interfaces as a json.Number, not as a float64,
	// which has no room for all integers of 64 bits.
	UseNumber bool

	// DisallowUnknownFields makes an object with a key that is no field of the struct
	// an error, and so an end of the connection, with code 1007.
	DisallowUnknownFields bool
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largest is the size in bytes of the largest buffer that is kept.
const largest = 64 << 10

// closeTimeout bounds a closing handshake where the caller's context does not.
const closeTimeout = 5 * time.Second

// Read reads a message and unmarshals it into v. If the error is ctx's, it can be
// repeated. If the message is over a limit, or is not JSON for v, the connection has
// ended; the closing handshake takes no longer than ctx allows, nor than five seconds.
func (k Codec) Read(ctx context.Context, c *websocket.Conn, v any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer giveBack(b)
	_, p, err := c.ReadAppend(ctx, b.AvailableBuffer())
	if err != nil {
		return fmt.Errorf("wsjson: %w", err)
	}
	b.Write(p) // in place, unless it has grown
	if err := k.decode(p, v); err != nil {
		brief, cancel := context.WithTimeout(ctx, closeTimeout)
		defer cancel()
		code, reason := closing(err)
		c.CloseContext(brief, code, reason)
		return fmt.Errorf("wsjson: %w", err)
	}
	return nil
}

// closing returns what to close a connection with whose message was refused.
func closing(err error) (code websocket.StatusCode, reason string) {
	if _, ok := errors.AsType[*DepthError](err); ok {
		return websocket.StatusPolicyViolation, "JSON is nested too deep"
	}
	if _, ok := errors.AsType[*SizeError](err); ok {
		return websocket.StatusMessageTooBig, "JSON is too long"
	}
	return websocket.StatusInvalidFramePayloadData, "failed to unmarshal JSON"
}

// Write sends v as a text message of JSON. Nothing is sent if v cannot be
// marshalled.
func (k Codec) Write(ctx context.Context, c *websocket.Conn, v any) error {
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

// Unmarshal unmarshals a message that has been read by other means, such as
// [websocket.Conn.Messages] or a Handler, into v. The limits are those of Read, but no
// connection is closed.
func (k Codec) Unmarshal(p []byte, v any) error {
	if err := k.decode(p, v); err != nil {
		return fmt.Errorf("wsjson: %w", err)
	}
	return nil
}

// decode is Unmarshal without a prefix to errors.
func (k Codec) decode(p []byte, v any) error {
	if k.MaxBytes > 0 && len(p) > k.MaxBytes {
		return &SizeError{Max: k.MaxBytes, Size: len(p)}
	}
	if k.MaxDepth > 0 {
		if at, found := deeper(p, k.MaxDepth); found {
			return &DepthError{Max: k.MaxDepth, Offset: at}
		}
	}
	return decode(p, v, options{k.UseNumber, k.DisallowUnknownFields})
}

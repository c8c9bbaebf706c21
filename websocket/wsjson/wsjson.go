// Package wsjson reads and writes messages of JSON.
//
// Read and Write are for peers that are trusted as far as the read limit of the
// connection goes. A Codec has limits of its own, and the options of encoding/json.
//
// # Memory
//
// The buffers that messages are read into and written from, and the state of the
// decoder, come from pools. What is read holds no reference to them.
package wsjson

import (
	"context"

	"github.com/wirews/wirews/websocket"
)

// Read reads a message and unmarshals it into v. If the error is ctx's, it can
// be repeated; if the message is not JSON for v, the connection has ended, with
// code 1007; the closing handshake takes no longer than ctx allows. It is
// [Codec.Read] of the zero Codec.
func Read(ctx context.Context, c *websocket.Conn, v any) error {
	return Codec{}.Read(ctx, c, v)
}

// Write sends v as a text message of JSON, with a newline at its end, as
// json.Encoder writes it. Nothing is sent if v cannot be marshalled. It is [Codec.Write] of the zero Codec.
func Write(ctx context.Context, c *websocket.Conn, v any) error {
	return Codec{}.Write(ctx, c, v)
}

package websocket

import (
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON sends v as a text message, encoded by package json. If it cannot be
// encoded, nothing is sent.
func (c *Conn) WriteJSON(v any) error {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return err
	}
	return c.WriteMessage(TextMessage, b.Bytes())
}

// WriteJSON is c.WriteJSON.
//
// Deprecated: use Conn.WriteJSON.
func WriteJSON(c *Conn, v any) error { return c.WriteJSON(v) }

// ReadJSON waits for the next message and decodes it into v by package json. What
// follows the first value is ignored. The error is io.ErrUnexpectedEOF for an empty
// message, one of package json, or one of NextReader.
func (c *Conn) ReadJSON(v any) error {
	_, r, err := c.NextReader()
	if err != nil {
		return err
	}
	if err = json.NewDecoder(r).Decode(v); err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadJSON is c.ReadJSON.
//
// Deprecated: use Conn.ReadJSON.
func ReadJSON(c *Conn, v any) error { return c.ReadJSON(v) }

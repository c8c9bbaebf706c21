package wsjson

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
)

// decoder is a json.Decoder that is used for one message after the other, and then
// allocates nothing of its own.
type decoder struct {
	from bytes.Reader
	json *json.Decoder
}

// Options of a json.Decoder cannot be switched off again, so there is a pool for each
// set of them.
type options struct{ useNumber, disallowUnknownFields bool }

var decoders = map[options]*sync.Pool{
	{false, false}: new(sync.Pool),
	{false, true}:  new(sync.Pool),
	{true, false}:  new(sync.Pool),
	{true, true}:   new(sync.Pool),
}

func newDecoder(o options) *decoder {
	d := new(decoder)
	d.json = json.NewDecoder(&d.from)
	if o.useNumber {
		d.json.UseNumber()
	}
	if o.disallowUnknownFields {
		d.json.DisallowUnknownFields()
	}
	return d
}

// decode is json.Unmarshal with options. Its errors are the same.
func decode(p []byte, v any, o options) error {
	pool := decoders[o]
	d, ok := pool.Get().(*decoder)
	if !ok {
		d = newDecoder(o)
	}
	// White space after the value would stay in the decoder, and count in the offsets of
	// the next message.
	d.from.Reset(bytes.TrimRight(p, " \t\r\n"))
	err := d.json.Decode(v)
	if err == nil {
		if _, more := d.json.Token(); more == io.EOF {
			d.giveBack(pool, len(p))
			return nil
		}
	}
	// The decoder is not used again, because it remembers errors. Its offsets count
	// from messages before.
	var whole json.RawMessage
	if invalid := json.Unmarshal(p, &whole); invalid != nil {
		return invalid
	}
	return err
}

// giveBack keeps the decoder for other messages, unless it holds a lot of memory since
// one of this many bytes.
func (d *decoder) giveBack(pool *sync.Pool, size int) {
	if size <= largest {
		d.from.Reset(nil)
		pool.Put(d)
	}
}

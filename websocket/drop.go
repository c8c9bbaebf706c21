package websocket

import (
	"cmp"
	"context"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// What arrives once we have begun to close the connection is dropped: nobody
// wants the messages, only the peer's close frame. So no limit holds for them,
// and what is compressed is not decompressed. All of this needs the reading
// lock.

// more is receive for whoever wants messages. It returns an error also if
// somebody has begun to close the connection: then it has read to the end.
func (c *Conn) more(ctx context.Context) error {
	err := c.receive(ctx)
	if err == nil && c.closing.Load() {
		return c.drop(ctx)
	}
	return err
}

// dropAll reads up to the end of the connection, and ends it for that. It gives
// the lock back.
func (c *Conn) dropAll(ctx context.Context) error {
	defer c.unlockReading() // a hook may panic
	c.wake()
	err := c.drop(ctx)
	if err == ctx.Err() {
		return err
	}
	return c.conclude(ctx, err)
}

// drop reads up to the end of the connection, which it returns.
func (c *Conn) drop(ctx context.Context) error {
	for {
		err := c.dropReceived(ctx)
		if err == ws.ErrShort {
			err = c.receive(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// dropReceived drops what has been received. ws.ErrShort says that the end is
// not among it.
func (c *Conn) dropReceived(ctx context.Context) error {
	rx := c.rx
	rx.kept, rx.stream = nil, nil
	limit := serverDrops
	if c.client() {
		limit = clientDrops
	}
	c.limit.Store(limit)
	if rx.proto.Config = &limit.config; rx.proto.Decoder != nil {
		rx.proto.Decoder = dropDecoder{}
	}
	for {
		_, _, err := c.nextEvent(ctx)
		rx.in.typ = 0
		switch {
		case err == nil:
		case err != ws.ErrShort:
			return err
		case c.inside.over():
			return c.err()
		default:
			return cmp.Or(ctx.Err(), err)
		}
	}
}

var (
	serverDrops = newDropLimit(ws.StateServerSide)
	clientDrops = newDropLimit(ws.StateClientSide)
)

func newDropLimit(side ws.State) *readLimit {
	limit := newReadLimit(side, -1)
	limit.config.Limits = wsproto.Limits{Frame: -1, Message: -1, Decoded: -1, Fragments: -1, Controls: -1}
	limit.config.SkipUTF8 = true
	return limit
}

// dropDecoder is permessage-deflate, and drops messages.
type dropDecoder struct{}

// Bits returns the bit of permessage-deflate (RFC 7692, section 6).
func (dropDecoder) Bits() byte { return (*wsflate.Deflate)(nil).Bits() }

// BeginDecode takes all messages, or none would be told from what is encoded.
func (dropDecoder) BeginDecode(byte) (bool, error) { return true, nil }

// Decode consumes all of src.
func (dropDecoder) Decode(dst, src []byte, _ bool) ([]byte, int, error) { return dst, len(src), nil }

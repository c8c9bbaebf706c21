package websocket

import (
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// What arrives once we have begun to close the connection is dropped: nobody
// wants the messages, only the peer's close frame. So no limit holds for them,
// text is not checked, and what is compressed is not decompressed.

// drop has the receiving half drop messages from now on, and the one that is being
// put together or read. It needs the lock of the input.
func (c *Conn) drop() {
	limit := serverDrops
	if c.client() {
		limit = clientDrops
	}
	c.in.limit.Store(limit)
	rx := c.wake()
	rx.stream = nil
	rx.Drop()
	if rx.Receiver.Config = &limit.config; rx.Receiver.Decoder != nil {
		rx.Receiver.Decoder = dropDecoder{rx.Receiver.Decoder.Bits()}
	}
}

var (
	serverDrops = newDropLimit(ws.StateServerSide)
	clientDrops = newDropLimit(ws.StateClientSide)
)

func newDropLimit(side ws.State) *readLimit {
	limits := wsproto.Limits{Frame: -1, Message: -1, Decoded: -1, Fragments: -1, Controls: -1}
	return &readLimit{wsproto.Config{State: side, Limits: limits, SkipUTF8: true}, -1}
}

// dropDecoder stands for the Decoder of an extension that owns bits, and drops
// messages.
type dropDecoder struct{ bits byte }

func (d dropDecoder) Bits() byte { return d.bits }

// BeginDecode takes all messages, or none would be told from what is encoded.
func (dropDecoder) BeginDecode(byte) (bool, error) { return true, nil }

// Decode consumes all of src.
func (dropDecoder) Decode(dst, src []byte, _ bool) ([]byte, int, error) { return dst, len(src), nil }

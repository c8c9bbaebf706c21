package wspoll

import "github.com/wirews/wirews/wsproto"

// drop has the receiving half drop messages from now on, and the one that is being
// put together: nobody wants them any more, only the peer's close frame. So no limit
// holds for them, text is not checked, and what is compressed is not decompressed.
func (c *Conn) drop() {
	c.rx.Drop()
	r := &c.rx.Receiver
	if r.Config = &c.loop.server.set.drop; r.Decoder != nil {
		r.Decoder = dropDecoder{r.Decoder.Bits()}
	}
}

var noLimits = wsproto.Limits{Frame: -1, Message: -1, Decoded: -1, Fragments: -1, Controls: -1}

// dropDecoder stands for the Decoder of an extension that owns bits, and drops
// messages.
type dropDecoder struct{ bits byte }

func (d dropDecoder) Bits() byte { return d.bits }

// BeginDecode takes all messages, or none would be told from what is encoded.
func (dropDecoder) BeginDecode(byte) (bool, error) { return true, nil }

// Decode consumes all of src.
func (dropDecoder) Decode(dst, src []byte, _ bool) ([]byte, int, error) { return dst, len(src), nil }

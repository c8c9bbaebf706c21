package wsutil

import (
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// SetExtension makes messages go through x, which the handshake has agreed on:
// ReadMessage returns them decoded, and WriteMessage encodes what x does not
// decline. The limit on messages holds on the wire and for what is decoded. It
// is to be called before the first message; nil stands for no extension, and so
// does a nil *wsflate.Deflate.
func (c *Stream) SetExtension(x wsproto.Extension) {
	c.encoder, c.decoder, c.recv.Decoder = nil, noted{}, nil
	if x != nil {
		c.encoder, c.decoder.Decoder = x, x
		c.recv.Decoder = &c.decoder
	}
}

// noted is a Decoder that lets its Stream know which messages it decodes.
type noted struct {
	wsproto.Decoder
	decodes bool
}

// BeginDecode notes the answer of the Decoder.
func (d *noted) BeginDecode(rsv byte) (bool, error) {
	var err error
	d.decodes, err = d.Decoder.BeginDecode(rsv)
	return d.decodes, err
}

// plainbox is where a Stream's messages are decoded into. It holds memory only
// from the first byte of a message until the next one is asked for.
type plainbox struct {
	message *buffer
	whole   bool // and has been returned
}

// forget lets go of the message.
func (d *plainbox) forget() {
	d.message.giveBack()
	d.message, d.whole = nil, false
}

// room returns where the next bytes belong; empty until there is a need.
func (d *plainbox) room() []byte {
	if d.message == nil {
		return nil
	}
	p := d.message.p
	return p[len(p):cap(p)]
}

// grow makes room for more of a message, of which there may be limit bytes.
func (d *plainbox) grow(limit int64) {
	if d.message == nil {
		d.message = borrow()
		return
	}
	d.message.p = growDecoded(d.message.p, 0, limit)
}

// collect takes a piece of a message that was decoded into room. Once the
// message is complete it is returned; it is valid until forget.
func (d *plainbox) collect(ev wsproto.Event) (message []byte, done bool) {
	d.message.p = d.message.p[:len(d.message.p)+len(ev.Payload)]
	d.whole = ev.Last
	return d.message.p, ev.Last
}

// writeEncoded appends a message as the Encoder makes it to what waits. If that
// fails, the message cannot be sent in another way: the Encoder may have taken
// it for what the next may refer to.
func (c *Stream) writeEncoded(h ws.Header, p []byte) error {
	start := len(c.out)
	out, err := appendEncoded(headless(c.out), c.encoder, p, true)
	c.out = out[:start]
	if err != nil {
		c.fail(err)
		return err
	}
	h.Length = int64(len(out[start:]) - ws.MaxHeaderSize)
	c.out = append(c.out, seal(out[start:], ws.MaxHeaderSize, c.config.State, h)...)
	return c.flushIfLong()
}

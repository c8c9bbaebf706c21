package websocket

import (
	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// noCompression is the level at which messages are sent as they are.
const noCompression = 0

// EnableWriteCompression says whether messages are compressed that begin from now
// on; at first they are. Nothing is without the peer's agreement.
func (c *Conn) EnableWriteCompression(enable bool) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.settings.plain = !enable
}

// SetCompressionLevel sets how hard messages are compressed that begin from now on:
// 1 (fastest, as at first) to 9 (smallest), -1 for 6, -2 for Huffman coding only, and
// 0 for not at all. Other levels are an error.
func (c *Conn) SetCompressionLevel(level int) error {
	switch {
	case level < wsflate.HuffmanOnly || level > wsflate.Smallest:
		return errLevel
	case level == -1:
		level = wsflate.Balanced
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.settings.level = level
	return nil
}

// encode makes the Encoder what the settings want, and reports whether it is going
// to compress the next message. The caller holds wire, and no message is open.
func (c *Conn) encode(how settings) bool {
	o := &c.out
	if o.deflate == nil {
		return false
	}
	if how.level != o.level && how.level != noCompression {
		o.level = how.level
		o.deflate = newDeflate(&o.sender, o.deflate.Parameters(), o.level)
		o.sender.Encoder = o.deflate
	}
	skip := how.plain || how.level == noCompression
	o.deflate.Encoder().Skip = skip
	return !skip
}

// newDeflate returns the compression that was agreed on, at another level. It is
// for sending only.
func newDeflate(s *wsproto.Sender, p wsflate.Parameters, level int) *wsflate.Deflate {
	return wsflate.New(s.Config.State, p, &wsflate.Options{Level: level, Threshold: everyMessage})
}

// writePrepared sends a message that was compressed before, if it was. The caller
// holds wire.
func (c *Conn) writePrepared(how settings, pm *PreparedMessage) error {
	frame, ok := pm.at(c.out.level).Frame(c.out.deflate)
	if !ok {
		return c.writeMessage(how, opcode(pm.messageType), pm.data)
	}
	if !c.out.sender.Config.State.ClientSide() {
		if err := c.out.sender.Ready(); err != nil {
			return err
		}
		return c.write(how.deadline, frame)
	}
	mem := bufpool.Borrow(len(frame) + ws.MaxHeaderSize)
	defer mem.GiveBack()
	masked, err := c.out.sender.AppendPrepared(mem.B, frame)
	if err != nil {
		return err
	}
	return c.write(how.deadline, masked)
}

package websocket

import (
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// outgoing is a message on its way out: a payload, or one that has been prepared;
// or the place of a Writer or a Flush in a queue.
type outgoing struct {
	op       ws.OpCode
	p        []byte
	prepared *PreparedMessage
	plain    bool // not compressed
	receipt  *receipt.Receipt
	turn     *turn
}

// size returns how many bytes of payload m has.
func (m outgoing) size() int {
	if m.prepared != nil {
		return len(m.prepared.Payload())
	}
	return len(m.p)
}

// put appends m to what waits, or only its header if its payload is to be sent as
// it lies. It needs the lock of the output.
func (c *Conn) put(m outgoing) (endpoint.Unsent, error) {
	box := &c.out.box
	if m.plain && box.Sender.Encoder != nil {
		return c.putPlain(m)
	}
	u := endpoint.Unsent{Before: box.Len()}
	if m.prepared != nil {
		deflate, _ := box.Sender.Encoder.(*wsflate.Deflate)
		frame, ok := m.prepared.Frame(deflate, c.settings.threshold, c.settings.level)
		if ok {
			return c.putFrame(u, frame, m.size())
		}
		m.op, m.p = m.prepared.OpCode(), m.prepared.Payload()
	}
	if u.Fixed = box.Sender.Encoder != nil; !u.Fixed && c.direct(len(m.p)) {
		u.Payload = m.p
		return u, box.Head(m.op, len(m.p))
	}
	return u, box.Message(m.op, m.p)
}

// putPlain is put for a message that the extension is not to see.
func (c *Conn) putPlain(m outgoing) (endpoint.Unsent, error) {
	sender := &c.out.box.Sender
	if err := sender.Ready(); err != nil {
		return endpoint.Unsent{}, err
	}
	encoder := sender.Encoder
	sender.Encoder = nil
	u, err := c.put(m)
	sender.Encoder = encoder
	return u, err
}

// putFrame is put for a frame that has been encoded.
func (c *Conn) putFrame(u endpoint.Unsent, frame []byte, size int) (endpoint.Unsent, error) {
	if c.direct(len(frame)) {
		u.Payload = frame
		return u, c.out.box.PreparedHead(frame, size)
	}
	return u, c.out.box.Prepared(frame, size)
}

// largeDirect is from how many bytes on a payload is handed to the kernel as it
// is rather than copied after its header.
const largeDirect = 4 << 10

// direct reports whether n bytes of payload are to be sent as they lie, because
// they would be due anyway.
func (c *Conn) direct(n int) bool {
	due := max(int(c.out.holding()), largeDirect)
	return c.out.box.Len()+n >= due && c.transport.raw != nil && !c.client()
}

// client reports whether this is the client's end.
func (c *Conn) client() bool { return c.out.box.Sender.Config.State.ClientSide() }

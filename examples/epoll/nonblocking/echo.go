//go:build linux

package main

import (
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// receive takes what has come and appends what answers it to out. It knows
// nothing of sockets.
func (c *conn) receive(out, in []byte) []byte {
	if c.request == nil {
		return c.receiveFrames(out, in)
	}
	r := c.request
	r.head = append(r.head, in...)
	out, _, n, err := r.handshake.Next(out, r.head)
	switch err {
	case nil:
		c.request = nil
		return c.receiveFrames(out, r.head[n:])
	case ws.ErrShort:
		return out
	case ws.ErrNotWebSocket:
		out = appendPage(out, r.head)
	}
	// A refusal, if it was not the page, is in out already.
	c.request, c.last = nil, true
	return out
}

// receiveFrames is receive for an open connection.
func (c *conn) receiveFrames(out, in []byte) []byte {
	for {
		ev, n, err := c.proto.Next(in, nil)
		out = c.proto.AppendAnswer(out, ev, err, 0)
		if err != nil { // ws.ErrShort, mostly
			break
		}
		in = in[n:]
		if ev.Op.IsControl() {
			continue
		}
		if m, done := c.message.Add(ev); done {
			out, _ = c.proto.AppendMessage(out, ev.Op, m)
			c.message.Free()
		}
	}
	if c.proto.Phase(0) >= wsproto.PhaseShut {
		c.last = true
		c.message.Free()
	}
	return out
}

//go:build linux

package main

import "github.com/wirews/wirews/wsproto"

// receive takes what has come and appends what answers it to out. It knows
// nothing of sockets.
func (c *conn) receive(out, in []byte) []byte {
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

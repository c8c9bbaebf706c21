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
		ev, n, err := c.recv.Next(in, nil)
		if err == ws.ErrShort {
			return out
		}
		if err != nil {
			return c.close(out, wsproto.CloseCode(err), wsproto.CloseReason(err))
		}
		in = in[n:]
		switch ev.Op {
		case ws.OpPing:
			out = ws.AppendFrame(out, ws.NewPongFrame(ev.Payload))
		case ws.OpClose:
			// RFC 6455, 5.5.1: the answer typically echoes the code.
			return c.close(out, ev.Code(), "")
		case ws.OpText, ws.OpBinary:
			if m, done := c.message.Add(ev); done {
				out = ws.AppendFrame(out, ws.NewFrame(ev.Op, true, m))
				c.message.Free()
			}
		}
	}
}

// close appends a close frame: the last that is sent.
func (c *conn) close(out []byte, code ws.StatusCode, reason string) []byte {
	c.last = true
	c.message.Free()
	return ws.AppendFrame(out, ws.NewCloseFrame(ws.AppendClose(nil, code, reason)))
}

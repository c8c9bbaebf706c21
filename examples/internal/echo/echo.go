// Package echo is a connection of an echo server for event loops: bytes go in, bytes
// come out. It does no I/O, and knows no loop.
package echo

import (
	"sync"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// State is what a loop has to know of a connection.
type State int

const (
	Handshake State = iota // the request has not come as a whole
	Open
	Done   // nothing more comes: send what there is, and close
	Failed // the peer may still be sending: send what there is, end this direction, and close when the peer has, or after a while; a reset might overtake the close frame
)

// Conn is one connection, from its first byte to its last. The zero value is ready.
// It is for one goroutine at a time.
type Conn struct {
	request *request // until it is answered
	state   State
	proto   wsproto.Conn
	message wsproto.Assembler
}

// request is what is needed only until it is answered.
type request struct {
	extension wsflate.Extension
	handshake ws.ServerHandshake
	head      []byte
}

// rooms are to decode in. One is enough for a loop; the pool is for loops that do not
// tell which one they are.
var rooms = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// Receive takes what has arrived, which it may change, and appends what answers it to
// out.
func (c *Conn) Receive(out, in []byte) ([]byte, State) {
	if c.state == Handshake {
		out, in = c.answer(out, in)
	}
	if c.state == Open {
		out = c.echo(out, in)
	}
	return out, c.state
}

// answer answers the request, once it is there, and returns what follows it.
func (c *Conn) answer(out, in []byte) (response, rest []byte) {
	if c.request == nil {
		c.request = &request{extension: wsflate.Extension{Parameters: wsflate.DefaultParameters}}
		c.request.handshake.Upgrader = &ws.Upgrader{Origin: ws.SameOrigin, Negotiate: c.request.extension.Negotiate}
	}
	r := c.request
	r.head = append(r.head, in...)
	out, _, n, err := r.handshake.Next(out, r.head)
	switch err {
	case ws.ErrShort:
		return out, nil
	case nil:
		var extension wsproto.Extension
		if agreed, ok := r.extension.Accepted(); ok {
			extension = wsflate.New(ws.StateServerSide, agreed, nil)
		}
		c.proto, c.state = wsproto.NewConn(nil, extension), Open
	case ws.ErrNotWebSocket:
		out, c.state = append(out, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nContent-Length: 0\r\n\r\n"...), Failed
	default: // out has the refusal
		c.state = Failed
	}
	c.request = nil
	return out, r.head[n:]
}

// echo is Receive for an open connection. No clock is needed: this side never begins
// the closing handshake.
func (c *Conn) echo(out, in []byte) []byte {
	room := rooms.Get().(*[16 << 10]byte)
	defer rooms.Put(room)
	for {
		ev, n, err := c.proto.Next(in, room[:])
		out = c.proto.AppendAnswer(out, ev, err, 0)
		switch {
		case err == ws.ErrShort:
			return out
		case err != nil:
			c.state = Failed
			return out
		case ev.Op == ws.OpClose:
			c.state = Done
			return out
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
}

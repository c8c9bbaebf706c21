package main

import (
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var own = []server{
	{name: "wsproto-epoll", role: ours, about: "wsproto.Conn on an epoll loop of one's own", run: func(addr string, ready func(net.Addr)) error {
		return runLoops(addr, ready, func(p *loop) handler { return &onLoop{loop: p, request: new(request)} })
	}},
	{name: "wspoll", role: ours, about: "wspoll.Server", run: serveWspoll},
	{name: "ws-frames", role: ours, secure: true, about: "ws.ReadFrame and ws.WriteFrame", run: perConn(wsFrames)},
	{name: "wsutil-helpers", role: ours, secure: true, about: "wsutil.ReadClientData and WriteServerMessage", run: perConn(wsutilHelpers)},
	{name: "wsutil-append", role: ours, secure: true, about: "wsutil.ReadAppend into one buffer, and WriteServerMessage", run: perConn(wsutilAppend)},
	{name: "wsutil-stream", role: ours, secure: true, about: "wsutil.Stream", run: perConn(wsutilStream)},
	{name: "wsutil-messages", role: ours, secure: true, about: "wsutil.Reader.ReadAppend and a bufio.Writer", run: perConn(wsutilMessages)},
	{name: "websocket-serve", role: ours, secure: true, about: "websocket.Conn.Serve, the handler form", run: perConn(websocketServe)},
	{name: "websocket-pull", role: ours, secure: true, about: "websocket.Conn.ReadAppend and Write", run: perConn(websocketPull)},
	{name: "websocket-hold", role: ours, secure: true, about: "the same with AcceptOptions.HoldReplies", run: perConn(websocketHold)},
	{name: "wsutil-copy", role: ours, secure: true, about: "io.Copy from wsutil.Reader to wsutil.Writer, over buffers", run: perConn(wsutilCopy)},
}

// wsFrames reads and writes frames.
func wsFrames(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	for {
		f, err := ws.ReadFrame(conn)
		if err != nil || f.Header.OpCode == ws.OpClose {
			return
		}
		f = ws.UnmaskFrameInPlace(f)
		if ws.WriteFrame(conn, f) != nil {
			return
		}
	}
}

// onLoop is a connection of ours on a loop, whose memory it borrows.
type onLoop struct {
	loop    *loop
	request *request // until the connection is open
	conn    wsproto.Conn
	message wsproto.Assembler
}

type request struct {
	handshake ws.ServerHandshake
	head      []byte
}

func (c *onLoop) receive(_, in []byte) (out []byte, ok bool) {
	if r := c.request; r != nil {
		r.head = append(r.head, in...)
		var n int
		var err error
		if out, _, n, err = r.handshake.Next(nil, r.head); err != nil {
			return out, err == ws.ErrShort
		}
		c.request, in = nil, r.head[n:]
		return out, len(in) == 0 // nobody here sends before it has the answer
	}
	out, err := c.frames(c.loop.out[:0], in)
	c.loop.out = out
	return out, err == ws.ErrShort
}

// frames appends the answer to out.
func (c *onLoop) frames(out, in []byte) ([]byte, error) {
	for {
		ev, n, err := c.conn.Next(in, nil)
		out = c.conn.AppendAnswer(out, ev, err, 0)
		if err != nil {
			return out, err
		}
		in = in[n:]
		if ev.Op.IsControl() {
			continue
		}
		if ev.First && !ev.Last {
			c.message.Use(c.loop.spare.get())
		}
		m, done := c.message.Add(ev)
		if !done {
			continue
		}
		out, _ = c.conn.AppendMessage(out, ev.Op, m)
		if !ev.First {
			c.loop.spare.put(c.message.Free())
		}
	}
}

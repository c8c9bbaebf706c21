package main

import (
	"context"
	"io"
	"net"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// shell is a server of ours: serve returns when conn has ended.
type shell struct {
	name    string
	message int // its limit of messages by default, in bytes
	serve   func(conn net.Conn, deflated bool)
}

var shells = []shell{
	{"websocket", 32 << 10, websocketServe},
	{"wspoll", 1 << 20, wspollServe},
	{"wsutil.Stream", wsproto.DefaultMaxMessage, streamServe},
}

func websocketServe(conn net.Conn, deflated bool) {
	o := new(websocket.AcceptConnOptions)
	if deflated {
		o.CompressionMode = websocket.CompressionContextTakeover
	}
	c, err := websocket.AcceptConn(conn, o)
	if err == nil {
		defer c.CloseNow()
		c.Serve(context.Background(), c.Write)
	}
}

// wspollEnds says that a connection has ended.
var wspollEnds = make(chan struct{}, 1)

var wspollServer = &wspoll.Server{
	Loops:       1,
	OnMessage:   func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) },
	OnClose:     func(*wspoll.Conn, *wsproto.ConnError) { wspollEnds <- struct{}{} },
	Compression: new(wspoll.Compression),
}

// wspollServe gives a connection without a descriptor to the loops, which give it
// goroutines: what it holds is otherwise the same.
func wspollServe(conn net.Conn, deflated bool) {
	var ext wsflate.Extension
	u := ws.Upgrader{}
	if deflated {
		u.Negotiate = ext.Negotiate
	}
	hs, err := u.Upgrade(conn)
	if err != nil {
		return
	}
	if _, err := wspollServer.Take(conn, wspoll.Upgraded{Handshake: hs}); err != nil {
		panic(err)
	}
	<-wspollEnds
}

func streamServe(conn net.Conn, deflated bool) {
	var ext wsflate.Extension
	u := ws.Upgrader{}
	if deflated {
		u.Negotiate = ext.Negotiate
	}
	if _, err := u.Upgrade(conn); err != nil {
		return
	}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	if params, ok := ext.Accepted(); ok {
		s.SetExtension(wsflate.New(ws.StateServerSide, params, nil))
	}
	for {
		p, op, err := s.ReadMessage()
		if err != nil || s.WriteMessage(op, p) != nil {
			break
		}
	}
	io.Copy(io.Discard, conn)
}

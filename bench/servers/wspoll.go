package main

import (
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// serveWspoll is package wspoll, on as many loops as there are processors.
func serveWspoll(addr string, ready func(net.Addr)) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	ready(l.Addr())
	s := &wspoll.Server{
		Limits:    wsproto.Limits{Message: -1},
		OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) },
	}
	return s.Serve(l)
}

package main

import (
	"net"
	"sync"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// wspollServer has the loops of one server serve a connection.
func wspollServer(conn net.Conn) {
	var ext wsflate.Extension
	u := ws.Upgrader{Negotiate: ext.Negotiate}
	hs, err := u.Upgrade(conn)
	if err == nil {
		wspollLoops().Take(conn, wspoll.Upgraded{Handshake: hs})
	}
}

var wspollLoops = sync.OnceValue(func() *wspoll.Server {
	return &wspoll.Server{
		OnMessage:        func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) },
		Limits:           wsproto.Limits{Message: int64(limit)},
		Compression:      &wspoll.Compression{Options: wsflate.Options{Threshold: 1}},
		HandshakeTimeout: handshakeTime,
	}
})

// wspollServe has them take the handshakes too.
func wspollServe(l net.Listener) error { return wspollLoops().Serve(l) }

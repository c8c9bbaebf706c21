package main

import (
	"log"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Conn is what an event loop keeps of a connection.
type Conn struct {
	head      []byte // what has arrived of the request
	handshake ws.ServerHandshake
	open      bool
	frames    wsproto.Receiver
}

// Receive takes what has arrived and appends what is to be sent to out.
func (c *Conn) Receive(out, in []byte) ([]byte, error) {
	if !c.open {
		c.head = append(c.head, in...)
		response, _, n, err := c.handshake.Next(out, c.head)
		if err != nil {
			return response, err // ws.ErrShort: more is needed
		}
		out, in, c.open = response, c.head[n:], true
	}
	ev, n, err := c.frames.Next(in, nil)
	for ; err == nil; ev, n, err = c.frames.Next(in, nil) {
		if ev.Op == ws.OpPing {
			ev.Op = ws.OpPong
		}
		out = append(ws.AppendHeader(out, ev.Header()), ev.Payload...)
		in = in[n:]
	}
	return out, err // ws.ErrShort: more is needed
}

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	for err == nil {
		var conn net.Conn
		if conn, err = l.Accept(); err == nil {
			go serve(conn)
		}
	}
	log.Fatal(err)
}

func serve(conn net.Conn) {
	defer conn.Close()
	c, in := Conn{}, make([]byte, 4096)
	for {
		n, err := conn.Read(in)
		if err != nil {
			return
		}
		out, err := c.Receive(nil, in[:n])
		if _, werr := conn.Write(out); werr != nil || err != ws.ErrShort {
			return
		}
	}
}

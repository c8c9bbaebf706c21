package main

import (
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Conn is what an event loop keeps of a connection.
type Conn struct {
	wsproto.Conn
	head      []byte // what has arrived of the request
	handshake ws.ServerHandshake
	open      bool
	message   wsproto.Assembler
}

var (
	rules  = ws.Upgrader{Origin: ws.SameOrigin}
	config = wsproto.Config{Limits: wsproto.Limits{Message: 1 << 20}}
	begin  = time.Now()
)

const notWebSocket = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close, Upgrade\r\nContent-Length: 0\r\n\r\n"

// Open takes what has arrived of the request, and of frames after it.
func (c *Conn) Open(out, in []byte, now time.Duration) ([]byte, error) {
	c.head = append(c.head, in...)
	out, _, n, err := c.handshake.Next(out, c.head)
	if err == ws.ErrNotWebSocket {
		out = append(out, notWebSocket...) // or serve it as the HTTP that it is
	}
	if err != nil {
		return out, err // ws.ErrShort: more is needed
	}
	rest := c.head[n:]
	c.open, c.head = true, nil
	return c.Receive(out, rest, now)
}

// Receive takes what has arrived and appends what is to be sent to out.
func (c *Conn) Receive(out, in []byte, now time.Duration) ([]byte, error) {
	for {
		ev, n, err := c.Next(in, nil)
		out = c.AppendAnswer(out, ev, err, now) // pongs and close frames
		if err != nil {
			return out, err // ws.ErrShort: more is needed
		}
		in = in[n:]
		if ev.Op.IsControl() {
			continue
		}
		if m, done := c.message.Add(ev); done {
			out, _ = c.AppendMessage(out, ev.Op, m)
		}
	}
}

// main has a goroutine for each connection where an event loop has its poller.
func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	for err == nil {
		var conn net.Conn
		if conn, err = l.Accept(); err == nil {
			go serve(conn.(*net.TCPConn))
		}
	}
	log.Fatal(err)
}

func serve(conn *net.TCPConn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second)) // for the handshake
	c := Conn{Conn: wsproto.NewConn(&config, nil), handshake: ws.ServerHandshake{Upgrader: &rules}}
	in := make([]byte, 4096)
	for {
		n, err := conn.Read(in)
		if err != nil {
			return
		}
		take := c.Receive
		if !c.open {
			take = c.Open
		}
		out, err := take(nil, in[:n], time.Since(begin))
		if _, werr := conn.Write(out); werr != nil || !c.open && err != ws.ErrShort {
			return
		}
		if c.open {
			c.settle(conn)
		}
	}
}

// settle does what the phase of the connection asks for.
func (c *Conn) settle(conn *net.TCPConn) {
	var until time.Time // none while it is open
	if at, ok := c.Deadline(); ok {
		until = begin.Add(at)
	}
	conn.SetDeadline(until)
	if c.Phase(time.Since(begin)) == wsproto.PhaseShut {
		conn.CloseWrite() // and serve reads to the end (RFC 6455, 7.1.1)
	}
}

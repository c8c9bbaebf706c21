// Command push is a WebSocket echo server for whatever pushes bytes. Session is
// all of it: no I/O, no goroutine, no clock. What pushes here is TCP.
package main

import (
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var upgrader = ws.Upgrader{Origin: ws.SameOrigin}

// Session is one connection, from its first byte to its last.
type Session struct {
	handshake ws.ServerHandshake
	head      []byte // what has arrived of the request
	open      bool
	conn      wsproto.Conn
	message   wsproto.Assembler
}

// Push takes what has arrived and appends what is to be sent to out. The phase
// says what is to be done with the transport then.
func (s *Session) Push(out, in []byte, now time.Duration) ([]byte, wsproto.Phase) {
	if !s.open {
		s.handshake.Upgrader, s.head = &upgrader, append(s.head, in...)
		response, _, n, err := s.handshake.Next(out, s.head)
		if err == ws.ErrShort {
			return out, wsproto.PhaseOpen
		}
		if err != nil {
			return response, wsproto.PhaseOver
		}
		out, in, s.head, s.open = response, s.head[n:], nil, true
	}
	for {
		ev, n, err := s.conn.Next(in, nil)
		out = s.conn.AppendAnswer(out, ev, err, now)
		if err != nil { // ws.ErrShort, mostly
			return out, s.conn.Phase(now)
		}
		in = in[n:]
		if m, done := s.message.Add(ev); done && !ev.Op.IsControl() {
			out, _ = s.conn.AppendMessage(out, ev.Op, m)
		}
	}
}

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	for err == nil {
		var conn net.Conn
		if conn, err = l.Accept(); err == nil {
			go pump(conn.(*net.TCPConn), time.Now())
		}
	}
	log.Fatal(err)
}

func pump(conn *net.TCPConn, start time.Time) {
	defer conn.Close()
	var s Session
	in := make([]byte, 4096)
	for n, err := conn.Read(in); err == nil; n, err = conn.Read(in) {
		out, phase := s.Push(nil, in[:n], time.Since(start))
		if _, err := conn.Write(out); err != nil || phase == wsproto.PhaseOver {
			return
		}
		if phase == wsproto.PhaseShut {
			conn.CloseWrite()
		}
		if at, ok := s.conn.Deadline(); ok {
			conn.SetReadDeadline(start.Add(at))
		}
	}
}

package main

import (
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
)

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	for err == nil {
		var conn net.Conn
		if conn, err = l.Accept(); err == nil {
			go echo(conn)
		}
	}
	log.Fatal(err)
}

func echo(conn net.Conn) {
	defer conn.Close()
	u := ws.Upgrader{Origin: ws.SameOrigin, Timeout: 5 * time.Second}
	_, err := u.Upgrade(conn)
	for f := (ws.Frame{}); err == nil && f.Header.OpCode != ws.OpClose; err = ws.WriteFrame(conn, f) {
		if f, err = ws.ReadFrameBuffer(conn, f.Payload, 1<<20); err != nil || !f.Header.Masked {
			return
		}
		ws.Cipher(f.Payload, f.Header.Mask, 0)
		if f.Header.Masked = false; f.Header.OpCode == ws.OpPing {
			f.Header.OpCode = ws.OpPong
		}
	}
}

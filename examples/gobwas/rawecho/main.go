// Command rawecho sends every frame back, with nothing between it and the wire
// but the frame header: what it reads, it unmasks and writes.
package main

import (
	"errors"
	"io"
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
)

// maxPayload is the longest payload of a frame in bytes. ReadHeader says how
// many a peer declares; nobody else will refuse them.
const maxPayload = 1 << 20

var errTooLong = errors.New("rawecho: frame is too long")

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(l))
}

// serve accepts until l is closed.
func serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := echo(conn); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// echo returns nil once the peer has closed the connection.
func echo(conn net.Conn) error {
	u := ws.Upgrader{Timeout: 5 * time.Second}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	for {
		header, err := ws.ReadHeader(conn)
		if err != nil {
			return err
		}
		if !header.Masked {
			return ws.ErrProtocolMaskRequired
		}
		if header.Length > maxPayload {
			return errTooLong
		}
		payload := make([]byte, header.Length)
		if _, err := io.ReadFull(conn, payload); err != nil {
			return err
		}
		ws.Cipher(payload, header.Mask, 0)

		// A server does not mask what it sends.
		header.Masked = false
		switch header.OpCode {
		case ws.OpPing:
			header.OpCode = ws.OpPong
		case ws.OpPong:
			continue
		}
		if err := ws.WriteHeader(conn, header); err != nil {
			return err
		}
		if _, err := conn.Write(payload); err != nil {
			return err
		}
		if header.OpCode == ws.OpClose {
			return nil
		}
	}
}

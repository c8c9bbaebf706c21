// Command echo sends every message back to the client that sent it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ln.Addr())
	for {
		conn, err := ln.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			if err := serve(conn); err != nil {
				log.Printf("%s: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// serve returns nil if the client has closed the connection in good order.
func serve(conn net.Conn) error {
	user := ""
	u := ws.Upgrader{
		OnHeader: func(key, value []byte) error {
			if string(key) == "X-User" {
				user = string(value)
			}
			return nil
		},
		Protocol: func(name []byte) bool { return string(name) == "echo.v1" },
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) {
			if user == "" {
				return nil, ws.RejectConnectionError(
					ws.RejectionStatus(http.StatusForbidden),
					ws.RejectionReason("who are you?"),
				)
			}
			return ws.HandshakeHeaderString("X-Welcome: " + user + "\r\n"), nil
		},
	}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	for {
		msg, op, err := wsutil.ReadClientData(conn)
		if err == nil {
			err = wsutil.WriteServerMessage(conn, op, msg)
		}
		var closed wsutil.ClosedError
		if errors.As(err, &closed) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

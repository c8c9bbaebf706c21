package main

import (
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
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
	defer wsutil.End(conn, ws.StateServerSide)
	u := ws.Upgrader{Origin: ws.SameOrigin, Timeout: 5 * time.Second}
	if _, err := u.Upgrade(conn); err != nil {
		return // the client has been told
	}
	for {
		msg, op, err := wsutil.ReadClientData(conn) // answers pings and the close frame
		if err != nil {
			return
		}
		if err := wsutil.WriteServerMessage(conn, op, msg); err != nil {
			return
		}
	}
}

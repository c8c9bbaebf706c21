// Command echo sends every message back: net/http does the handshake, and package
// wsutil the messages, pings and the close frame.
package main

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

var upgrader = ws.HTTPUpgrader{Origin: ws.SameOrigin}

// handle takes the connection from net/http and serves it in a goroutine of its own, so
// that the request can be freed.
func handle(w http.ResponseWriter, r *http.Request) {
	conn, _, _, err := upgrader.Upgrade(r, w)
	if err != nil {
		return // the client has been told
	}
	go func() {
		defer conn.Close()
		var closed wsutil.ClosedError
		if err := echo(conn); !errors.As(err, &closed) && err != io.EOF {
			log.Printf("%v: %v", conn.RemoteAddr(), err)
		}
	}()
}

func echo(conn net.Conn) error {
	for {
		p, op, err := wsutil.ReadClientData(conn) // answers pings and close frames
		if err != nil {
			return err
		}
		if err := wsutil.WriteServerMessage(conn, op, p); err != nil {
			return err
		}
	}
}

func main() {
	s := http.Server{Addr: "localhost:8080", Handler: http.HandlerFunc(handle), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(s.ListenAndServe())
}

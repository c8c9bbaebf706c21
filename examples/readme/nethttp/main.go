package main

import (
	"log"
	"net/http"
	"time"

	"github.com/wirews/wirews/ws"
)

func main() {
	s := http.Server{Addr: "localhost:8080", ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(echo)}
	log.Fatal(s.ListenAndServe())
}

func echo(w http.ResponseWriter, r *http.Request) {
	conn, _, _, err := ws.HTTPUpgrader{Origin: ws.SameOrigin}.Upgrade(r, w)
	if err != nil {
		return // the client has been told
	}
	defer conn.Close()
	for f := (ws.Frame{}); err == nil && f.Header.OpCode != ws.OpClose; err = ws.WriteFrame(conn, f) {
		if f, err = ws.ReadFrameBuffer(conn, f.Payload, 1<<20); err != nil || !f.Header.Masked {
			return
		}
		if f = ws.UnmaskFrameInPlace(f); f.Header.OpCode == ws.OpPing {
			f.Header.OpCode = ws.OpPong
		}
	}
}

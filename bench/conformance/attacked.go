package main

import (
	"io"
	"log"
	"net"
	"net/http"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	nbws "github.com/lesismal/nbio/nbhttp/websocket"

	compat "github.com/wirews/wirews/compat/gorilla"
)

// Servers that are attacked, and not judged by cases.

var discard = log.New(io.Discard, "", 0)

// compatServer is gorillaServer with another import path.
func compatServer(w http.ResponseWriter, r *http.Request) {
	u := compat.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	c, err := u.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	c.SetReadLimit(int64(limit))
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}

// nbioServe is nbio on its event loop, which listens itself.
func nbioServe(l net.Listener) error {
	logging.SetLevel(logging.LevelNone)
	addr := l.Addr().String()
	l.Close()
	u := nbws.NewUpgrader()
	u.CheckOrigin = func(*http.Request) bool { return true }
	u.EnableCompression(true)
	u.MessageLengthLimit = limit
	u.OnMessage(func(c *nbws.Conn, t nbws.MessageType, p []byte) { c.WriteMessage(t, p) })
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { u.Upgrade(w, r, nil) })
	e := nbhttp.NewEngine(nbhttp.Config{Network: "tcp", Addrs: []string{addr}, Handler: mux, KeepaliveTime: handshakeTime})
	if err := e.Start(); err != nil {
		return err
	}
	select {}
}

package main

import (
	"net/http"

	"github.com/wirews/wirews/websocket"
)

// ByAdaptor is a handler of net/http, which Hertz's adaptor makes one of Hertz. The
// adaptor waits until the connection has been closed.
func ByAdaptor(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	echo(c)
}

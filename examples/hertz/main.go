// Command hertz is an echo server behind Hertz, by its adaptor for net/http.
package main

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/adaptor"
	"github.com/cloudwego/hertz/pkg/common/config"

	"github.com/wirews/wirews/websocket"
)

// Echo accepts a connection and answers each message with itself. Hertz takes
// the connection back when it is closed.
func Echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// New returns the server.
func New(opts ...config.Option) *server.Hertz {
	h := server.New(opts...)
	h.GET("/echo", adaptor.HertzHandler(http.HandlerFunc(Echo)))
	return h
}

func main() { New(server.WithHostPorts("localhost:8080")).Spin() }

// Command hertz is an echo server on Hertz, in two ways: at /adaptor by its adaptor for
// net/http, and at /hijack by the connection that it gives away.
package main

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/adaptor"
	"github.com/cloudwego/hertz/pkg/common/config"

	"github.com/wirews/wirews/websocket"
)

// echo answers each message with itself. The context is not that of the request, which
// is Hertz's to end.
func echo(c *websocket.Conn) {
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// New returns the server.
func New(opts ...config.Option) *server.Hertz {
	h := server.New(opts...)
	h.GET("/adaptor", adaptor.HertzHandler(http.HandlerFunc(ByAdaptor)))
	h.GET("/hijack", ByHijack)
	return h
}

func main() { New(server.WithHostPorts("localhost:8080")).Spin() }

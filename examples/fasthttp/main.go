// Command fasthttp is an echo server on fasthttp, or on fiber, which stands on it: both
// have parsed the request, and give the connection away.
//
//	fasthttp -server fiber
package main

import (
	"context"
	"flag"
	"log"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

var upgrader = ws.Upgrader{Origin: ws.SameOrigin, Protocols: []string{"echo"}}

// echo answers each message with itself.
func echo(c *websocket.Conn) {
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// servers serve the echo at /echo, by name.
var servers = map[string]func(net.Listener) error{
	"fasthttp": func(l net.Listener) error {
		return fasthttp.Serve(l, func(ctx *fasthttp.RequestCtx) {
			if string(ctx.Path()) != "/echo" {
				ctx.NotFound()
				return
			}
			Upgrade(ctx, upgrader, echo) // an error is the client's, who has been told
		})
	},
	"fiber": func(l net.Listener) error {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Get("/echo", func(c *fiber.Ctx) error {
			Upgrade(c.Context(), upgrader, echo)
			return nil
		})
		return app.Listener(l)
	},
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	name := flag.String("server", "fasthttp", "fasthttp or fiber")
	flag.Parse()
	serve := servers[*name]
	if serve == nil {
		log.Fatalf("no server %q", *name)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Println("ws://" + *addr + "/echo")
	log.Fatal(serve(l))
}

// A server that counts, and a client that asks it to.
package main

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/client"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/hertz-contrib/websocket"
)

type count struct {
	Word string
	N    int
}

var upgrader = websocket.HertzUpgrader{
	Subprotocols:      []string{"count"},
	EnableCompression: true,
	CheckOrigin:       func(c *app.RequestContext) bool { return string(c.GetHeader("Origin")) != "https://evil.example" },
}

// serve counts how often each client has said each word.
func serve(c *websocket.Conn) {
	fmt.Println("subprotocol", c.Subprotocol())
	c.SetReadLimit(4096)
	seen := make(map[string]int)
	for {
		_, word, err := c.ReadMessage()
		if websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			fmt.Println("the client has left")
			return
		}
		if err != nil {
			log.Println(err)
			return
		}
		seen[string(word)]++
		if err := c.WriteJSON(count{string(word), seen[string(word)]}); err != nil {
			log.Println(err)
			return
		}
	}
}

func ask(ctx context.Context, url string, words ...string) error {
	h, err := client.NewClient(client.WithDialer(standard.NewDialer()))
	if err != nil {
		return err
	}
	req, resp := protocol.AcquireRequest(), protocol.AcquireResponse()
	req.SetRequestURI(url)
	req.Header.Set("Sec-WebSocket-Protocol", "count")
	var u websocket.ClientUpgrader
	u.PrepareRequest(req)
	if err := h.Do(ctx, req, resp); err != nil {
		return err
	}
	c, err := u.UpgradeResponse(req, resp)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, word := range words {
		if err := c.WriteMessage(websocket.TextMessage, []byte(word)); err != nil {
			return err
		}
		var answer count
		if err := c.ReadJSON(&answer); err != nil {
			return err
		}
		fmt.Println(answer.Word, answer.N)
	}
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "that was all")
	if err := c.WriteMessage(websocket.CloseMessage, goodbye); err != nil {
		return err
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return err
	}
	return nil
}

func main() {
	hlog.SetLevel(hlog.LevelFatal)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	h := server.New(server.WithListener(l), server.WithTransport(standard.NewTransporter), server.WithDisablePrintRoute(true))
	h.NoHijackConnPool = true
	left := make(chan bool)
	h.GET("/count", func(_ context.Context, ctx *app.RequestContext) {
		err := upgrader.Upgrade(ctx, func(c *websocket.Conn) {
			defer close(left)
			serve(c)
		})
		if err != nil {
			log.Println(err)
		}
	})
	go h.Run()
	if err := ask(context.Background(), "http://"+l.Addr().String()+"/count", "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-left
}

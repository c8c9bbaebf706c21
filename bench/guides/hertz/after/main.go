// A server that counts, and a client that asks it to.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/adaptor"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

type count struct {
	Word string
	N    int
}

var options = websocket.AcceptOptions{
	Subprotocols:    []string{"count"},
	CompressionMode: websocket.CompressionNoContextTakeover,
	CheckOrigin:     func(_ *http.Request, origin string) bool { return origin != "https://evil.example" },
}

// serve counts how often each client has said each word.
func serve(ctx context.Context, c *websocket.Conn) {
	fmt.Println("subprotocol", c.Subprotocol())
	c.SetReadLimit(4096)
	seen := make(map[string]int)
	for {
		_, word, err := c.Read(ctx)
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			fmt.Println("the client has left")
			return
		}
		if err != nil {
			log.Println(err)
			return
		}
		seen[string(word)]++
		if err := wsjson.Write(ctx, c, count{string(word), seen[string(word)]}); err != nil {
			log.Println(err)
			return
		}
	}
}

func ask(ctx context.Context, url string, words ...string) error {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"count"}})
	if err != nil {
		return err
	}
	defer c.CloseNow()
	for _, word := range words {
		if err := c.Write(ctx, websocket.MessageText, []byte(word)); err != nil {
			return err
		}
		var answer count
		if err := wsjson.Read(ctx, c, &answer); err != nil {
			return err
		}
		fmt.Println(answer.Word, answer.N)
	}
	return c.Close(websocket.StatusNormalClosure, "that was all")
}

func main() {
	hlog.SetLevel(hlog.LevelFatal)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	h := server.New(server.WithListener(l), server.WithTransport(standard.NewTransporter), server.WithDisablePrintRoute(true))
	left := make(chan bool)
	h.GET("/count", adaptor.HertzHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &options)
		if err != nil {
			log.Println(err)
			return
		}
		defer c.CloseNow()
		defer close(left)
		serve(context.Background(), c)
	})))
	go h.Run()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ask(ctx, "http://"+l.Addr().String()+"/count", "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-left
}

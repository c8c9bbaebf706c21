// Command client connects, sends one value of JSON, and closes the connection.
//
//	client -url ws://localhost:8080 hi
package main

import (
	"context"
	"flag"
	"log"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// Send sends v to a server, and waits for it to have closed the connection, too. opts
// may be nil.
func Send(ctx context.Context, url string, opts *websocket.DialOptions, v any) error {
	c, _, err := websocket.Dial(ctx, url, opts)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	if err := wsjson.Write(ctx, c, v); err != nil {
		return err
	}
	return c.Close(websocket.StatusNormalClosure, "")
}

func main() {
	url := flag.String("url", "ws://localhost:8080", "where to connect to")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := Send(ctx, *url, nil, strings.Join(flag.Args(), " ")); err != nil {
		log.Fatal(err)
	}
}

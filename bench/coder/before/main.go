// A server that counts, and a client that asks it to.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

type count struct {
	Word string
	N    int
}

// serve counts how often each client has said each word.
func serve(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:    []string{"count"},
		CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		log.Println(err)
		return
	}
	defer c.CloseNow()
	seen := make(map[string]int)
	for {
		_, word, err := c.Read(r.Context())
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			fmt.Println("the client has left")
			return
		}
		if err != nil {
			log.Println(err)
			return
		}
		seen[string(word)]++
		if err := wsjson.Write(r.Context(), c, count{string(word), seen[string(word)]}); err != nil {
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
	fmt.Println("subprotocol", c.Subprotocol())
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	left := make(chan bool)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r)
		close(left)
	})}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ask(ctx, "ws://"+l.Addr().String(), "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-left
}

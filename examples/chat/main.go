// Command chat is the chat that everyone writes first: whatever one says, all
// get. Open http://localhost:8080/ in two windows, or join from a terminal:
//
//	chat -join ws://localhost:8080/chat
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/wirews/wirews/websocket"
)

//go:embed page.html
var page []byte

// Handler serves the page, and the chat below it.
func Handler(room *Room) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	mux.HandleFunc("/chat", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			CompressionMode: websocket.CompressionNoContextTakeover,
			WriteTimeout:    10 * time.Second,
		})
		if err != nil {
			log.Println(err)
			return
		}
		// The HTTP server may have its memory back.
		go func() {
			if err := room.Serve(c); websocket.CloseStatus(err) == -1 {
				log.Println(err)
			}
		}()
	})
	return mux
}

// Join sends the lines of in to a chat and writes what is said there to out,
// until in or the chat ends.
func Join(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	go func() {
		for lines := bufio.NewScanner(in); lines.Scan(); {
			if c.Write(ctx, websocket.MessageText, lines.Bytes()) != nil {
				return // Read tells why
			}
		}
		c.Close(websocket.StatusNormalClosure, "")
	}()
	for {
		_, p, err := c.Read(ctx)
		if errors.Is(err, websocket.EndedByUs) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, strings.Map(printable, string(p)))
	}
}

// printable drops what a terminal would obey.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	join := flag.String("join", "", "URL of a chat to join, instead of serving one")
	flag.Parse()
	if *join != "" {
		if err := Join(context.Background(), *join, os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	log.Println("http://" + *addr + "/")
	s := http.Server{Addr: *addr, ReadHeaderTimeout: 5 * time.Second, Handler: Handler(NewRoom())}
	log.Fatal(s.ListenAndServe())
}

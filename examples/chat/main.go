// Command chat is a chat with rooms: what everybody writes first, with what a
// service needs besides. Clients that have vanished are noticed, slow ones do not
// hold up the others, and a restart loses nobody. Open http://localhost:8080/ in two
// windows, or join from a terminal:
//
//	chat -join ws://localhost:8080/chat -room cats -name anna
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/wirews/wirews/websocket"
)

//go:embed page.html
var page []byte

// Handler serves the page, and the chat below it.
func Handler(chat *websocket.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/chat", chat)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	return mux
}

// serve serves until ctx ends, and then has the clients go.
func serve(ctx context.Context, addr string) error {
	chat := NewServer()
	s := http.Server{Addr: addr, ReadHeaderTimeout: 5 * time.Second, Handler: Handler(chat)}
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		report, err := chat.Shutdown(limit)
		log.Println(report, err)
		s.Shutdown(limit)
	}()
	log.Println("http://" + addr + "/")
	return s.ListenAndServe()
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	join := flag.String("join", "", "URL of a chat to join, instead of serving one")
	var hello Hello
	flag.StringVar(&hello.Room, "room", "", "room to join")
	flag.StringVar(&hello.Name, "name", os.Getenv("USER"), "who you are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *join != "" {
		opts := &websocket.RedialOptions{OnState: func(s websocket.RedialState) { log.Println(s) }}
		err = Join(ctx, *join, opts, hello, os.Stdin, os.Stdout)
	} else {
		err = serve(ctx, *addr)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

// Command chat is the chat with one room that everybody begins with: a page for
// browsers, and a client for terminals.
//
//	chat -router beego
//	chat -join ws://localhost:8080/ws
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	router := flag.String("router", "std", "std or beego")
	join := flag.String("join", "", "be a client of the chat with this URL instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *join != "" {
		if err := Join(ctx, *join, os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	route := routers[*router]
	if route == nil {
		log.Fatalf("no router %q", *router)
	}
	chat := NewChat()
	s := http.Server{Addr: *addr, Handler: route(chat), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		chat.Shutdown(ending) // connections that were taken over are not the HTTP server's
		s.Shutdown(ending)
	}()
	log.Println("open http://" + *addr)
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

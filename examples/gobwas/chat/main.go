// Command chat is a chat on event loops, with requests and answers in JSON.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log.Println("ws://" + *addr)
	if err := NewServer().ListenAndServe(ctx, "tcp", *addr); err != nil {
		log.Fatal(err)
	}
}

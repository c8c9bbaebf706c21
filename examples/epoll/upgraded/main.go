//go:build linux

// Command upgraded is a WebSocket echo server that leaves the opening handshake
// to ws.Upgrade on a net.Conn, in a goroutine of its own, and moves the
// descriptor to one epoll loop for all that follows.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := New(DefaultOptions())
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on ws://%v/", l.Addr())
	if err := s.Serve(ctx, l); err != nil {
		log.Fatal(err)
	}
}

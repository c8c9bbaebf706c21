//go:build linux

// Command nonblocking is a WebSocket echo server and a small web page on one
// port, with one goroutine and one epoll loop for everything, the opening
// handshake included.
package main

import (
	"flag"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "IP address and port to listen on")
	flag.Parse()

	ap, err := netip.ParseAddrPort(*addr)
	if err != nil {
		log.Fatal(err)
	}
	s, err := Listen(ap, DefaultOptions())
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on http://%v/", s.Addr())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		s.Stop()
	}()
	if err := s.Run(); err != nil {
		log.Fatal(err)
	}
}

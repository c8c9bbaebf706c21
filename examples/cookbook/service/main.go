// Command service is an echo that systemd runs: it takes its socket from there, and
// lets its clients go when it is to stop. It is what docs/cookbook/deployment.md
// shows.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/wirews/wirews/websocket"
)

// listen returns the socket that systemd has opened, or opens one.
func listen(addr string) (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return net.Listen("tcp", addr)
	}
	f := os.NewFile(3, "socket") // the first after standard input, output and error
	defer f.Close()
	return net.FileListener(f)
}

// NewServer returns an echo with the timeouts that a service should have.
func NewServer() *websocket.Server {
	s := &websocket.Server{
		Handler: websocket.HandleMessages(func(ctx context.Context, c *websocket.Conn, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		}),
		CloseCode:   websocket.StatusServiceRestart,
		CloseSpread: 5 * time.Second,
	}
	s.Options.KeepAlive = websocket.KeepAlive{Interval: time.Minute, Timeout: 20 * time.Second}
	s.Options.StallTimeout = 30 * time.Second
	return s
}

// run serves until ctx ends. Then it stops accepting, and lets the clients go.
func run(ctx context.Context, l net.Listener) error {
	s := NewServer()
	mux := http.NewServeMux()
	mux.Handle("/echo", s)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {})
	h := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		report, err := s.Shutdown(limit)
		log.Printf("closed %d connections, %d clients have not answered", report.Closed, len(report.Unanswered))
		done <- errors.Join(err, h.Shutdown(limit))
	}()
	if err := h.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return <-done
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	l, err := listen("localhost:8080")
	if err == nil {
		err = run(ctx, l)
	}
	if err != nil {
		log.Fatal(err)
	}
}

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// server accepts connections for a contender.
type server struct {
	listener net.Listener
	http     *http.Server
	joined   chan struct{}
	done     chan struct{} // closed when the round is over
}

func listen() (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &server{l, new(http.Server), make(chan struct{}, 1024), make(chan struct{})}, nil
}

func (s *server) addr() string { return s.listener.Addr().String() }

// serve has a handler called for each connection. It calls join once it is ready
// to be sent something, and returns when done is closed.
func (s *server) serve(handler http.HandlerFunc) {
	s.http.Handler = handler
	go s.http.Serve(s.listener)
}

// join says that a connection is ready.
func (s *server) join() { s.joined <- struct{}{} }

// stay is for handlers that do nothing but wait for the end.
func (s *server) stay() {
	s.join()
	<-s.done
}

func (s *server) await(n int) error {
	late := time.After(time.Minute)
	for range n {
		select {
		case <-s.joined:
		case <-late:
			return errors.New("not all receivers have connected within a minute")
		}
	}
	return nil
}

func (s *server) close() {
	close(s.done)
	s.listener.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.http.Shutdown(ctx)
}

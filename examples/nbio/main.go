//go:build unix

// Command nbio is an echo server on the event loops of nbio, without its HTTP and its
// WebSocket. What WebSocket is stands in internal/echo; here are the loop's callbacks.
package main

import (
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/lesismal/nbio"
	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/internal/echo"
)

const (
	handshakeTimeout = 10 * time.Second
	linger           = 5 * time.Second // for a peer that was told to go
	maxPending       = 1 << 20         // bytes that a peer may leave untaken
)

// newEngine returns an engine that serves the connections of the listener.
func newEngine(l net.Listener) *nbio.Engine {
	e := nbio.NewEngine(nbio.Config{
		Network:            "tcp",
		Addrs:              []string{l.Addr().String()},
		Listen:             func(string, string) (net.Listener, error) { return l, nil },
		MaxWriteBufferSize: maxPending,
	})
	e.OnOpen(func(c *nbio.Conn) {
		c.SetSession(new(echo.Conn))
		c.SetReadDeadline(time.Now().Add(handshakeTimeout)) // when it is over, nbio closes
	})
	e.OnData(receive)
	return e
}

// receive is called by one goroutine at a time for each connection.
func receive(c *nbio.Conn, in []byte) {
	out, state := c.Session().(*echo.Conn).Receive(nil, in)
	if _, err := c.Write(out); err != nil { // what the socket does not take, nbio keeps
		c.Close()
		return
	}
	switch state {
	case echo.Open:
		c.SetReadDeadline(time.Time{})
	case echo.Failed:
		c.SetReadDeadline(time.Now().Add(linger))
		closeWrite(c)
	case echo.Done:
		c.Close()
	}
}

// closeWrite ends this side's direction of the connection, which nbio cannot. What a
// peer that takes nothing has left untaken is lost by that.
func closeWrite(c *nbio.Conn) {
	if raw, err := c.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { unix.Shutdown(int(fd), unix.SHUT_WR) })
	}
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	e := newEngine(l)
	if err := e.Start(); err != nil {
		log.Fatal(err)
	}
	defer e.Stop()
	log.Println("ws://" + *addr)
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	<-interrupt
}

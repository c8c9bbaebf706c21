//go:build unix

// Command gnet is an echo server on the event loops of gnet. What WebSocket is stands
// in internal/echo; here are the loop's callbacks.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/internal/echo"
)

const (
	handshakeTimeout = 10 * time.Second
	linger           = 5 * time.Second // for a peer that was told to go
)

// server is what gnet calls.
type server struct {
	gnet.BuiltinEventEngine
	booted func(gnet.Engine) // may be nil
}

// conn is the context of a connection. The timer closes it, and is for the handshake
// first and for the end then.
type conn struct {
	echo  echo.Conn
	timer *time.Timer
}

func (s *server) OnBoot(e gnet.Engine) gnet.Action {
	if s.booted != nil {
		s.booted(e)
	}
	return gnet.None
}

func (s *server) OnOpen(c gnet.Conn) (out []byte, action gnet.Action) {
	hangUp := func() { c.CloseWithCallback(nil) } // the one way to close that other goroutines may use
	c.SetContext(&conn{timer: time.AfterFunc(handshakeTimeout, hangUp)})
	return nil, gnet.None
}

func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	in, err := c.Next(-1)
	if err != nil {
		return gnet.Close
	}
	conn := c.Context().(*conn)
	out, state := conn.echo.Receive(nil, in)
	if _, err := c.Write(out); err != nil {
		return gnet.Close
	}
	switch state {
	case echo.Open:
		conn.timer.Stop()
	case echo.Failed:
		conn.timer.Reset(linger)
		if c.OutboundBuffered() == 0 {
			unix.Shutdown(c.Fd(), unix.SHUT_WR) // gnet cannot close one direction
		}
	case echo.Done:
		return gnet.Close // gnet sends what it has before
	}
	return gnet.None
}

func (s *server) OnClose(c gnet.Conn, err error) gnet.Action {
	c.Context().(*conn).timer.Stop()
	return gnet.None
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	log.Println("ws://" + *addr)
	log.Fatal(gnet.Run(&server{}, "tcp://"+*addr, gnet.WithMulticore(true)))
}

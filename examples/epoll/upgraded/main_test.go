//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/examples/epoll/internal/suite"
	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

func options() Options {
	o := DefaultOptions()
	o.Handshake, o.Stall, o.Linger = peer.Patience, peer.Patience, peer.Patience
	o.MaxMessage = suite.MaxMessage
	return o
}

func start(t *testing.T, o Options) suite.Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	return suite.Server{Addr: l.Addr().String(), Conns: s.Conns}
}

func TestServer(t *testing.T) {
	suite.Run(t, func(t *testing.T) suite.Server { return start(t, options()) })
}

func TestFindsFramesThatComeRightAfterTheResponse(t *testing.T) {
	s := start(t, options())
	for i := range 50 {
		conn := peer.Connect(t, s.Addr)
		peer.Send(t, conn, []byte(peer.Request+"\r\n"))
		// The first byte of the response is out: what is sent now races
		// with the descriptor's way to the loop.
		var first [1]byte
		if _, err := conn.Read(first[:]); err != nil {
			t.Fatal(err)
		}
		f := ws.NewTextFrame(fmt.Append(nil, "right after ", i))
		peer.Send(t, conn, peer.Frame(peer.Frame(nil, f), ws.NewPingFrame(nil)))
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			var b [1]byte
			if _, err := conn.Read(b[:]); err != nil {
				t.Fatal(err)
			}
			head.Write(b[:])
		}
		peer.Want(t, conn, f)
		peer.Want(t, conn, ws.NewPongFrame(nil))
	}
}

func TestRefusesFramesThatComeWithTheRequest(t *testing.T) {
	s := start(t, options())
	early := peer.Frame([]byte(peer.Request+"\r\n"), ws.NewTextFrame([]byte("early")))
	got := peer.Exchange(t, s.Addr, early)
	if !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.Contains(got, "before the handshake was answered") {
		t.Errorf("got %q", got)
	}
}

func TestGivesUpOnClients(t *testing.T) {
	const soon = 20 * time.Millisecond
	t.Run("that do not finish their request", func(t *testing.T) {
		o := options()
		o.Handshake = soon
		s := start(t, o)
		conn := peer.Connect(t, s.Addr)
		conn.Write([]byte(peer.Request)) // the time may be over by now
		peer.WantEndOrReset(t, conn)
		suite.WaitConns(t, s, 0)
	})
	t.Run("that do not read", func(t *testing.T) {
		o := options()
		o.Stall, o.Sweep = soon, soon
		s := start(t, o)
		conn := peer.Open(t, s.Addr, ws.Dialer{})
		b := peer.Frame(nil, ws.NewBinaryFrame(make([]byte, 1<<20)))
		for err := error(nil); err == nil; {
			_, err = conn.Write(b)
		}
		suite.WaitConns(t, s, 0)
	})
	t.Run("that do not close their side", func(t *testing.T) {
		o := options()
		o.Linger, o.Sweep = soon, soon
		s := start(t, o)
		conn := peer.Open(t, s.Addr, ws.Dialer{})
		peer.Send(t, conn, peer.Frame(nil, ws.NewCloseFrame(nil)))
		peer.WantClose(t, conn, ws.StatusNoStatusRcvd)
		suite.WaitConns(t, s, 0)
	})
}

func TestEndsWithHandshakesUnderWay(t *testing.T) {
	s := start(t, options())
	peer.Send(t, peer.Connect(t, s.Addr), []byte(peer.Request))
	peer.Open(t, s.Addr, ws.Dialer{})
	suite.WaitConns(t, s, 2)
}

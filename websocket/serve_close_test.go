package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// A handler may close the connection and return an error besides: the closing
// handshake goes on to its end, and the transport is closed.
func TestAHandlerThatClosesAndFails(t *testing.T) {
	for name, pair := range transports {
		noLeaks(t)
		client, server := pair(t)
		c := accept(t, client, server, nil)
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
				c.Close(4001, "enough")
				return errors.New("stop")
			})
		}()
		peer := peerOf(t, client)
		go client.Write(masked(ws.OpText, true, "end it"))
		if got := peer.untilClose(); got != 4001 {
			t.Errorf("%s: the peer gets %v", name, got)
		}
		err := <-served
		var end *websocket.ConnError
		if !errors.As(err, &end) || end.By != websocket.EndedByUs || end.Code != 4001 || !end.Clean() {
			t.Errorf("%s: %#v", name, err)
		}
		if _, err := server.Write([]byte("x")); err == nil {
			t.Errorf("%s: the transport is open still", name)
		}
		client.Close()
	}
}

// Close in a handler leaves the rest to Serve, which has to see to it also if
// its context ends first.
func TestClosingGoesOnWhenTheContextOfServeEnds(t *testing.T) {
	for name, pair := range transports {
		noLeaks(t)
		client, server := pair(t)
		c := accept(t, client, server, nil)
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error {
				c.Close(4001, "enough")
				cancel()
				return nil
			})
		}()
		go client.Write(masked(ws.OpText, true, "end it"))
		frame := make([]byte, 10)
		if _, err := io.ReadFull(client, frame); err != nil || string(frame) != "\x88\x08\x0f\xa1enough" {
			t.Errorf("%s: %q, %v", name, frame, err)
		}
		if err := <-served; !errors.Is(err, context.Canceled) && !errors.Is(err, websocket.EndedByUs) {
			t.Errorf("%s: %v", name, err)
		}
		go client.Write(masked(ws.OpClose, true, "\x0f\xa1"))
		if _, err := io.ReadAll(client); err != nil {
			t.Errorf("%s: the transport is not closed: %v", name, err)
		}
		client.Close()
	}
}

// Two goroutines that close while Serve runs: whoever comes second gets an
// error that can be looked into.
func TestClosingTwiceWhileServing(t *testing.T) {
	for range 200 {
		c, client := handshake(t, nil)
		served := make(chan error, 1)
		inside := make(chan bool)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
				close(inside)
				return nil
			})
		}()
		client.Write(masked(ws.OpText, true, "x"))
		<-inside
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
					var end *websocket.ConnError
					if errors.Is(err, websocket.EndedByPeer) || !errors.Is(err, net.ErrClosed) || !errors.As(err, &end) || end == nil {
						t.Errorf("%v", err)
					}
				}
			})
		}
		wg.Wait()
		client.Write(masked(ws.OpClose, true, "\x03\xe8"))
		client.Close()
		<-served
	}
}

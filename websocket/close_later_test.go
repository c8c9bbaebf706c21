package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// The peer gets the code, and answers; whoever reads is told who has closed.
func TestCloseLaterIsAClosingHandshake(t *testing.T) {
	readers := map[string]func(c *websocket.Conn) error{
		"nobody": nil,
		"Read": func(c *websocket.Conn) error {
			_, _, err := c.Read(context.Background())
			return err
		},
		"Read with a context": func(c *websocket.Conn) error {
			_, _, err := c.Read(within(t))
			return err
		},
		"Serve": func(c *websocket.Conn) error {
			return c.Serve(within(t), func(context.Context, websocket.MessageType, []byte) error { return nil })
		},
	}
	for name, pair := range transports {
		for reader, read := range readers {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			ended := make(chan error, 1)
			if read != nil {
				go func() { ended <- read(c) }()
			}
			if err := c.CloseLater(4001, "kicked"); err != nil {
				t.Errorf("%s, %s: %v", name, reader, err)
			}
			if err := c.CloseLater(4002, ""); !errors.Is(err, net.ErrClosed) || !errors.Is(err, websocket.EndedByUs) {
				t.Errorf("%s, %s: again: %v", name, reader, err)
			}
			if got := peerOf(t, client).untilClose(); got != 4001 {
				t.Errorf("%s, %s: the peer gets %v", name, reader, got)
			}
			if read != nil { // first: beside Serve, a Read waits for nothing
				if err := <-ended; !errors.Is(err, websocket.EndedByUs) {
					t.Errorf("%s, %s: %v", name, reader, err)
				}
			}
			<-closedBy(c)
			if err := c.Ping(within(t)); !errors.Is(err, websocket.EndedByUs) || websocket.CloseStatus(err) != 4001 {
				t.Errorf("%s, %s: ended with %v", name, reader, err)
			}
			client.Close()
		}
	}
}

// A hub drops a peer that takes nothing, under its lock, while a Write to it waits:
// CloseLater takes no time, and all has ended five seconds later.
func TestCloseLaterDoesNotWait(t *testing.T) {
	for _, cancellable := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			ctx := context.Background()
			if cancellable {
				ctx = t.Context()
			}
			client, server := net.Pipe()
			defer client.Close()
			c := accept(t, client, server, nil)
			var calls sync.WaitGroup
			calls.Go(func() {
				if _, _, err := c.Read(ctx); !errors.Is(err, websocket.EndedByUs) {
					t.Errorf("Read: %v", err)
				}
			})
			calls.Go(func() {
				if err := c.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20)); !errors.Is(err, websocket.EndedByUs) {
					t.Errorf("Write: %v", err)
				}
			})
			time.Sleep(time.Second)
			since := stopwatch()
			if err := c.CloseLater(websocket.StatusTryAgainLater, "too slow"); err != nil || since() > 0 {
				t.Errorf("%v after %v", err, since())
			}
			calls.Wait()
			if since() > 5*time.Second {
				t.Errorf("all has ended after %v", since())
			}
		})
	}
}

// In a Handler it does the same as anywhere else.
func TestCloseLaterInAHandler(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
				return c.CloseLater(4001, "enough")
			})
		}()
		client.Write(masked(ws.OpText, true, "x"))
		if got := peerOf(t, client).untilClose(); got != 4001 {
			t.Errorf("%s: the peer gets %v", name, got)
		}
		if err := <-served; !errors.Is(err, websocket.EndedByUs) {
			t.Errorf("%s: Serve: %v", name, err)
		}
		client.Close()
	}
}

func TestCloseLaterWithACodeThatCannotBeSent(t *testing.T) {
	client, server := tcpPair(t)
	c := accept(t, client, server, nil)
	if err := c.CloseLater(1006, ""); err == nil {
		t.Error("no error for 1006")
	}
	if got := peerOf(t, client).untilClose(); got != websocket.StatusInternalError {
		t.Errorf("the peer gets %v", got)
	}
	io.Copy(io.Discard, client)
}

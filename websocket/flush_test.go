package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Serve reads on while somebody else waits for the peer to take what he has
// written: otherwise a peer that writes before it reads would never go on.
func TestServeDoesNotWaitForAWriterElsewhere(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		handled := make(chan bool, 2)
		go c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
			handled <- true
			return nil
		})
		wrote := make(chan error, 1)
		go func() { wrote <- c.Write(context.Background(), websocket.MessageBinary, make([]byte, 16<<20)) }()
		if _, err := io.ReadFull(client, make([]byte, 1)); err != nil { // it has begun
			t.Fatal(err)
		}
		for range 2 {
			if _, err := client.Write(masked(ws.OpText, true, "x")); err != nil {
				t.Fatal(err)
			}
			select {
			case <-handled:
			case <-within(t).Done():
				t.Fatalf("%s: Serve waits for a writer", name)
			}
		}
		c.CloseNow()
		client.Close()
		<-wrote
	}
}

// small has a transport hold little, if it holds anything.
func small(server net.Conn) {
	if c, ok := server.(interface{ SetWriteBuffer(int) error }); ok {
		c.SetWriteBuffer(4096)
	}
}

// stuff writes until the peer, who does not read, has to be waited for.
func stuff(t *testing.T, c *websocket.Conn) {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		err := c.Write(ctx, websocket.MessageBinary, make([]byte, 20_000))
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A Read sends what is held back, but neither waits for that longer than its
// context allows, nor stops reading for it.
func TestHeldRepliesDoNotKeepARead(t *testing.T) {
	for name, pair := range transports {
		if name == "tls" {
			continue // stuff would be the end of it
		}
		noLeaks(t)
		client, server := pair(t)
		small(server)
		c := accept(t, client, server, &websocket.AcceptOptions{HoldReplies: true})
		stuff(t, c)
		if err := c.Write(within(t), websocket.MessageText, []byte("held")); err != nil {
			t.Fatal(name, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		all := make(chan []byte)
		go func() {
			b, _ := io.ReadAll(client)
			all <- b
		}()
		go func() {
			client.Write(masked(ws.OpText, true, "x"))
			client.Write(masked(ws.OpClose, true, "\x03\xe8"))
			if half, ok := client.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
		}()
		if _, p, err := c.Read(within(t)); err != nil || string(p) != "x" {
			t.Errorf("%s: %q, %v", name, p, err)
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(name, err)
		}
		messages, err := receiveAll(t, <-all)
		if err != io.EOF || len(messages) == 0 || string(messages[len(messages)-1]) != "held" {
			t.Errorf("%s: %d messages, %v", name, len(messages), err)
		}
		client.Close()
	}
}

// A Read whose context ends does not interrupt a write of what is held back,
// which TLS would not survive.
func TestHeldRepliesOverTLS(t *testing.T) {
	below, other := net.Pipe()
	defer below.Close() // without a goodbye, which nobody would take
	client, server := tlsOver(below, other)
	c := accept(t, client, server, &websocket.AcceptOptions{HoldReplies: true})
	if err := c.Write(within(t), websocket.MessageText, []byte("held")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	b := make([]byte, 6)
	if _, err := io.ReadFull(client, b); err != nil || string(b) != "\x81\x04held" {
		t.Errorf("%q, %v", b, err)
	}
	go client.Write(masked(ws.OpText, true, "x"))
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "x" {
		t.Errorf("%q, %v", p, err)
	}
}

// A peer that takes nothing is waited for, and not asked again and again.
func TestNobodyPollsAPeerThatTakesNothing(t *testing.T) {
	for name, pair := range transports {
		if name == "tls" {
			continue // as above
		}
		client, server := pair(t)
		small(server)
		c := accept(t, client, server, &websocket.AcceptOptions{HoldReplies: true})
		stuff(t, c)
		if err := c.Write(within(t), websocket.MessageText, []byte("held")); err != nil {
			t.Fatal(name, err)
		}
		noFlusher(t)
		c.CloseNow()
		client.Close()
	}
}

// A peer may send before it takes the answer to its ping.
func TestAPongDoesNotKeepARead(t *testing.T) {
	for name, pair := range transports {
		noLeaks(t)
		client, server := pair(t)
		c := accept(t, client, server, nil)
		sent := make(chan bool)
		go func() {
			for range 3 {
				client.Write(masked(ws.OpPing, true, "?"))
			}
			client.Write(masked(ws.OpText, true, "x"))
			close(sent)
		}()
		if _, p, err := c.Read(within(t)); err != nil || string(p) != "x" {
			t.Errorf("%s: %q, %v", name, p, err)
		}
		<-sent
		pong := make([]byte, 3)
		if _, err := io.ReadFull(client, pong); err != nil || string(pong) != "\x8a\x01?" {
			t.Errorf("%s: %q, %v", name, pong, err)
		}
		c.CloseNow()
		client.Close()
	}
}

// What a handler writes leaves from 16 KiB on, if no more has arrived.
func TestAHandlersRepliesLeaveAt16KiB(t *testing.T) {
	client, server := tcpPair(t)
	counting := &countingConn{Conn: server}
	c := accept(t, client, counting, nil)
	go io.Copy(io.Discard, client)
	client.Write(masked(ws.OpText, true, "x"))
	ctx, cancel := context.WithCancel(context.Background())
	c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		defer cancel()
		before := counting.writes.Load()
		for range 2 {
			if err := c.Write(ctx, typ, make([]byte, 8<<10)); err != nil {
				return err
			}
		}
		if counting.writes.Load() == before {
			t.Error("16 KiB are held back")
		}
		return nil
	})
}

package websocket_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Close says so if the peer has not answered, also if somebody else has read
// that.
func TestCloseBesideARead(t *testing.T) {
	for name, pair := range transports {
		for range 20 {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			read := make(chan error, 1)
			go func() {
				_, _, err := c.Read(context.Background())
				read <- err
			}()
			go client.Write(masked(ws.OpPing, true, ""))
			if _, err := io.ReadFull(client, make([]byte, 2)); err != nil { // it reads
				t.Fatal(err)
			}
			closed := make(chan error, 1)
			go func() { closed <- c.Close(websocket.StatusNormalClosure, "") }()
			if _, err := io.ReadFull(client, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			client.Close()
			if err := <-closed; err == nil {
				t.Errorf("%s: Close has got no answer, and says nothing", name)
			}
			if err := <-read; !errors.Is(err, websocket.EndedByUs) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A peer that does not answer is waited for no longer than ctx allows, and the
// transport is closed then.
func TestAPeerThatDoesNotAnswerAClose(t *testing.T) {
	for name, pair := range transports {
		noLeaks(t)
		client, server := pair(t)
		c := accept(t, client, server, nil)
		ctx, cancel := context.WithCancel(context.Background())
		closed := make(chan error, 2)
		go func() { closed <- c.CloseContext(ctx, 4001, "") }()
		frame := make([]byte, 4)
		if _, err := io.ReadFull(client, frame); err != nil || string(frame) != "\x88\x02\x0f\xa1" {
			t.Errorf("%s: %q, %v", name, frame, err)
		}
		go func() { closed <- c.Close(4002, "") }()
		cancel()
		if _, err := io.ReadAll(client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for range 2 {
			if err := <-closed; !errors.Is(err, context.Canceled) && !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := c.Read(within(t)); !errors.Is(err, websocket.EndedByUs) || websocket.CloseStatus(err) != -1 {
			t.Errorf("%s: %v", name, err)
		}
		client.Close()
	}
}

func TestCodesThatCannotBeSent(t *testing.T) {
	for _, code := range []websocket.StatusCode{0, 999, 1004, websocket.StatusAbnormalClosure, websocket.StatusTLSHandshake, 5000, 1 << 20, -1} {
		c, client := handshake(t, nil)
		got := make(chan websocket.StatusCode, 1)
		go func() { got <- peerOf(t, client).untilClose() }()
		if err := c.Close(code, "why"); err == nil {
			t.Errorf("%d: no error", code)
		}
		if got := <-got; got != websocket.StatusInternalError {
			t.Errorf("%d: the peer gets %d", code, got)
		}
	}
}

// A message that has begun to leave and cannot be ended is the end.
func TestAWriterWhoseContextEnds(t *testing.T) {
	for _, begun := range []bool{false, true} {
		c, client := handshake(t, nil)
		go io.Copy(io.Discard, client)
		ctx, cancel := context.WithCancel(context.Background())
		w, err := c.Writer(ctx, websocket.MessageBinary)
		if err != nil {
			t.Fatal(err)
		}
		size := 10
		if begun {
			size = 100_000
		}
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := w.Close(); !errors.Is(err, context.Canceled) || errors.Is(err, websocket.EndedByUs) != begun {
			t.Errorf("begun: %t: %v", begun, err)
		}
		if err := c.Write(within(t), websocket.MessageText, nil); (err != nil) != begun {
			t.Errorf("begun: %t, a Write after it: %v", begun, err)
		}
	}
}

func TestADeadlineFarAwayIsNotOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far)
		c, err := websocket.New(near, websocket.Params{})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
		}()
		synctest.Wait()
		ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(math.MaxInt64))
		defer cancel()
		go c.CloseContext(ctx, websocket.StatusNormalClosure, "")
		time.Sleep(time.Hour)
		select {
		case err := <-served:
			t.Errorf("ended before the peer has answered: %v", err)
		default:
		}
		c.CloseNow()
		<-served
	})
}

package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// A handler that loops over Read and ends by CloseNow does not cut off the
// closing handshake that another goroutine has begun: also with a large message
// under way, and whatever the peer sends meanwhile.
func TestAReadDoesNotCutOffACloseBesideIt(t *testing.T) {
	for name, pair := range transports {
		for _, size := range []int{0, 4 << 20} {
			for range 20 {
				client, server := pair(t)
				c := accept(t, client, server, nil)
				handled, closed := make(chan error, 1), make(chan error, 1)
				go func() {
					defer c.CloseNow()
					for {
						if _, _, err := c.Read(context.Background()); err != nil {
							handled <- err
							return
						}
					}
				}()
				go func() {
					for { // so that the handler is busy, and often in front of a Read
						if _, err := client.Write(masked(ws.OpText, true, "x")); err != nil {
							return
						}
						runtime.Gosched() // the peer's answer has its turn to be written
					}
				}()
				var writers sync.WaitGroup
				if size > 0 {
					writers.Go(func() { c.Write(context.Background(), websocket.MessageBinary, make([]byte, size)) })
					io.ReadFull(client, make([]byte, 10)) // RFC 6455, 5.2: its header, with a length of 64 bits
					io.CopyN(io.Discard, client, 1000)
				}
				go func() { closed <- c.Close(4001, "kicked") }()
				if size > 0 {
					io.CopyN(io.Discard, client, int64(size-1000))
				}
				if got := peerOf(t, client).untilClose(); got != 4001 {
					t.Errorf("%s, %d bytes under way: the peer gets %v", name, size, got)
				}
				if err := <-handled; !errors.Is(err, websocket.EndedByUs) || !strings.Contains(err.Error(), "kicked") {
					t.Errorf("%s, %d bytes under way: Read: %v", name, size, err)
				}
				if err := <-closed; err != nil {
					t.Errorf("%s, %d bytes under way: Close: %v", name, size, err)
				}
				writers.Wait()
				client.Close()
			}
		}
	}
}

// A CloseNow beside a Close lets its close frame out, which need not wait for the
// peer.
func TestCloseNowLetsTheCloseFrameBesideItOut(t *testing.T) {
	for name, pair := range transports {
		for range 50 {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			go func() {
				defer c.CloseNow()
				for c.Write(context.Background(), websocket.MessageText, []byte("x")) == nil {
				}
			}()
			io.ReadFull(client, make([]byte, 3))
			go c.Close(4001, "kicked")
			if got := peerOf(t, client).untilClose(); got != 4001 {
				t.Errorf("%s: the peer gets %v", name, got)
			}
			client.Close()
		}
	}
}

// A Writer that is open when somebody else closes the connection gets an error,
// and the closing handshake goes on.
func TestAnOpenWriterDoesNotCutOffACloseBesideIt(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		w, err := c.Writer(within(t), websocket.MessageBinary)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			w.Write(make([]byte, 70_000)) // one fragment of 62 KiB leaves
			ended := make(chan error, 1)
			go func() { ended <- c.Close(4001, "") }()
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 70_000))
			}
			w.Close()
			if err := <-ended; err != nil {
				t.Errorf("%s: Close: %v", name, err)
			}
		}()
		if got := peerOf(t, client).untilClose(); got != 4001 {
			t.Errorf("%s: the peer gets %v", name, got)
		}
		<-closedBy(c)
		client.Close()
	}
}

// closedBy is closed when a connection has been.
func closedBy(c *websocket.Conn) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Read(context.Background())
	}()
	return done
}

// What a Close drops has no limit: neither of bytes, nor of what it inflates to.
func TestWhatACloseDropsHasNoLimit(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover} {
		for _, role := range []string{"server", "client"} {
			t.Run(fmt.Sprintf("mode %d, %s", mode, role), func(t *testing.T) {
				talks := func(c *websocket.Conn) (err error) {
					for _, typ := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
						err = errors.Join(err, c.Write(within(t), typ, make([]byte, 4<<20)))
					}
					_, _, end := c.Read(within(t))
					if websocket.CloseStatus(end) != 4001 {
						err = errors.Join(err, end)
					}
					return err
				}
				closes := func(c *websocket.Conn) error { return c.Close(4001, "enough") }
				here, there := talks, closes
				if role == "client" {
					here, there = closes, talks
				}
				result := make(chan error, 1)
				url := serve(t, &websocket.AcceptOptions{CompressionMode: mode}, func(c *websocket.Conn) { result <- there(c) })
				c := dial(t, url, &websocket.DialOptions{CompressionMode: mode})
				if err := errors.Join(here(c), <-result); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// The same where somebody else reads when the Close begins, in any form.
func TestWhatACloseBesideAReadDropsHasNoLimit(t *testing.T) {
	forms := map[string]func(c *websocket.Conn) error{
		"Read":   func(c *websocket.Conn) error { _, _, err := c.Read(context.Background()); return err },
		"Reader": func(c *websocket.Conn) error { _, _, err := c.Reader(context.Background()); return err },
		"Serve": func(c *websocket.Conn) error {
			return c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
		},
	}
	for name, pair := range transports {
		for form, read := range forms {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			reading, closed := make(chan error, 1), make(chan error, 1)
			go func() { reading <- read(c) }()
			go client.Write(masked(ws.OpPing, true, "?"))
			awaitFrame(t, client, "\x8a\x01?") // it reads
			go func() { closed <- c.Close(4001, "") }()
			awaitFrame(t, client, "\x88\x02\x0f\xa1")
			go func() {
				client.Write(slices.Concat(masked(ws.OpText, true, strings.Repeat("x", 100_000)), masked(ws.OpClose, true, "\x0f\xa1")))
				client.Close()
			}()
			if err := <-closed; err != nil {
				t.Errorf("%s, %s: Close: %v", name, form, err)
			}
			var end *websocket.ConnError
			if err := <-reading; !errors.As(err, &end) || end.By != websocket.EndedByUs || !end.Clean() {
				t.Errorf("%s, %s: %v", name, form, err)
			}
		}
	}
}

// awaitFrame reads up to the end of these bytes.
func awaitFrame(t *testing.T, conn net.Conn, frame string) {
	t.Helper()
	var got []byte
	for b := make([]byte, 1); !strings.HasSuffix(string(got), frame); got = append(got, b[0]) {
		if _, err := conn.Read(b); err != nil {
			t.Fatalf("%q, and not %q: %v", got, frame, err)
		}
	}
}

// Codes outside of what RFC 6455, section 7.4.2, has are named with their range;
// the peer is told 1011 (03 f3), as for any that is never sent.
func TestACloseCodeOutOfRangeSaysSo(t *testing.T) {
	for _, code := range []websocket.StatusCode{-1, 0, 999, 5000, 65535, 65536 + 1000, 70000, 1 << 20} {
		for name, end := range map[string]func(c *websocket.Conn) error{
			"Close":        func(c *websocket.Conn) error { return c.Close(code, "") },
			"CloseContext": func(c *websocket.Conn) error { return c.CloseContext(within(t), code, "") },
		} {
			c, client := handshake(t, nil)
			go func() {
				awaitFrame(t, client, "\x88\x02\x03\xf3")
				client.Close()
			}()
			err := end(c)
			if !errors.Is(err, ws.ErrProtocolStatusCodeNotInUse) {
				t.Fatalf("%s, %d: %v", name, code, err)
			}
			text := err.Error()
			if !strings.Contains(text, fmt.Sprintf("code %d ", code)) || !strings.Contains(text, "1000 to 4999") || strings.Contains(text, "%!") {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}

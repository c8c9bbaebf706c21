package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// bothDeflated returns both ends of a connection with compression.
func bothDeflated(t *testing.T, near, far net.Conn, p wsflate.Parameters) (server, client *websocket.Conn) {
	t.Helper()
	server = newOver(t, near, websocket.Params{Compression: &p})
	client = newOver(t, far, websocket.Params{State: ws.StateClientSide, Compression: &p})
	client.SetReadLimit(-1)
	return server, client
}

// Whether a message is compressed is seen in its frame, and those around it are.
func TestWriteUncompressedIsForOneMessage(t *testing.T) {
	text := []byte(strings.Repeat("Hello, ", 1000))
	prepared, err := websocket.NewPreparedMessage(websocket.MessageText, text)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range transports {
		for _, opts := range []*websocket.AcceptOptions{nil, {HoldReplies: true}, {Queue: &websocket.Queue{}}} {
			peer, conn := pair(t)
			c := newOver(t, conn, websocket.Params{Compression: &wsflate.Parameters{}, Options: opts})
			go func() {
				ctx := context.Background()
				c.Write(ctx, websocket.MessageText, text)
				c.WriteUncompressed(ctx, websocket.MessageText, text)
				c.WriteUncompressed(ctx, websocket.MessageBinary, nil)
				c.Write(ctx, websocket.MessageText, text)
				if opts != nil && opts.Queue != nil {
					c.Enqueue(ctx, websocket.Outgoing{Prepared: prepared, Uncompressed: true})
					c.Enqueue(ctx, websocket.Outgoing{Prepared: prepared})
				}
				c.Close(websocket.StatusNormalClosure, "")
			}()
			want := []bool{true, false, false, true}
			if opts != nil && opts.Queue != nil {
				want = append(want, false, true)
			}
			for i, compressed := range want {
				f, err := ws.ReadFrame(peer)
				if err != nil {
					t.Fatal(name, err)
				}
				if f.Header.Rsv1() != compressed || !compressed && i != 2 && string(f.Payload) != string(text) {
					t.Errorf("%s, %+v: message %d has %d bytes, RSV1 %v", name, opts, i, len(f.Payload), f.Header.Rsv1())
				}
			}
			peer.Close()
		}
	}
}

// The peer understands all of it, with context takeover and without, whoever writes
// beside it.
func TestUncompressedMessagesBetweenOthers(t *testing.T) {
	for name, p := range map[string]wsflate.Parameters{"takeover": {}, "no takeover": wsflate.DefaultParameters} {
		for transport, pair := range transports {
			far, near := pair(t)
			server, client := bothDeflated(t, near, far, p)
			var writers sync.WaitGroup
			for w := range 4 {
				write := server.Write
				if w%2 == 1 {
					write = server.WriteUncompressed
				}
				writers.Go(func() {
					for i := range 20 {
						text := strings.Repeat(fmt.Sprintf("writer %d, message %d; ", w, i), 500)
						if err := write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			next := [4]int{}
			for range 80 {
				_, got, err := client.Read(within(t))
				if err != nil {
					t.Fatalf("%s, %s: %v", name, transport, err)
				}
				var w, i int
				fmt.Sscanf(string(got), "writer %d, message %d;", &w, &i)
				if want := strings.Repeat(fmt.Sprintf("writer %d, message %d; ", w, i), 500); i != next[w] || string(got) != want {
					t.Fatalf("%s, %s: %.50q came, want message %d of it", name, transport, got, next[w])
				}
				next[w]++
			}
			writers.Wait()
		}
	}
}

// Without compression it is Write, and after the end it says so.
func TestWriteUncompressedWithoutCompression(t *testing.T) {
	peer, conn := tcpPair(t)
	c := newOver(t, conn, websocket.Params{})
	if err := c.WriteUncompressed(within(t), websocket.MessageText, []byte("Hello")); err != nil {
		t.Error(err)
	}
	if f, err := ws.ReadFrame(peer); err != nil || string(f.Payload) != "Hello" {
		t.Error(f, err)
	}
	for _, compression := range []*wsflate.Parameters{nil, {}} {
		_, conn := tcpPair(t)
		c := newOver(t, conn, websocket.Params{Compression: compression})
		if err := c.WriteUncompressed(within(t), 3, nil); err == nil {
			t.Error("no error for a type that is none")
		}
		c.CloseNow()
		if err := c.WriteUncompressed(within(t), websocket.MessageText, nil); !errors.Is(err, websocket.EndedByUs) {
			t.Error(err)
		}
	}
}

// Nothing of a message that was not sent is left, unlike that of a compressed one.
func TestWriteUncompressedCanBeTakenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		peer, conn := net.Pipe()
		defer peer.Close()
		c := newOver(t, conn, websocket.Params{Compression: &wsflate.Parameters{}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.WriteUncompressed(ctx, websocket.MessageText, []byte("never")); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		go c.Write(context.Background(), websocket.MessageText, []byte("next"))
		if f, err := ws.ReadFrame(peer); err != nil || string(f.Payload) != "next" {
			t.Errorf("%q, %v", f.Payload, err)
		}
		c.CloseNow()
	})
}

package websocket_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// handshake opens a connection and returns its two ends: the server's Conn, and
// the bare transport of a client.
func handshake(t testing.TB, opts *websocket.AcceptOptions) (*websocket.Conn, net.Conn) {
	t.Helper()
	client, server := tcpPair(t)
	return accept(t, client, server, opts), client
}

func accept(t testing.TB, client, server net.Conn, opts *websocket.AcceptOptions) *websocket.Conn {
	t.Helper()
	c := acceptWith(t, client, server, connOptions(opts))
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// acceptQuietly is accept without anything that the test keeps.
func acceptQuietly(t testing.TB, client, server net.Conn) *websocket.Conn {
	return acceptWith(t, client, server, nil)
}

func acceptWith(t testing.TB, client, server net.Conn, opts *websocket.AcceptConnOptions) *websocket.Conn {
	t.Helper()
	request := wstest.GoodRequest()
	if opts != nil && opts.CompressionMode != websocket.CompressionDisabled {
		request = request.With("Sec-WebSocket-Extensions: permessage-deflate")
	}
	go client.Write(request.Bytes())
	accepted := make(chan *websocket.Conn, 1)
	go func() {
		c, err := websocket.AcceptConn(server, opts)
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	skipHead(t, client)
	return <-accepted
}

// skipHead reads a response up to the end of its head.
func skipHead(t testing.TB, client net.Conn) {
	t.Helper()
	var head []byte
	for b := make([]byte, 1); len(head) < 4 || string(head[len(head)-4:]) != "\r\n\r\n"; head = append(head, b[0]) {
		if _, err := io.ReadFull(client, b); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkEcho measures both ends together: the client does no more than to
// write the same frames and to read what comes. "counted" is with Counters.
func BenchmarkEcho(b *testing.B) {
	ctx := context.Background()
	forms := map[string]func(c *websocket.Conn){
		"serve": func(c *websocket.Conn) {
			c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				return c.Write(ctx, typ, p)
			})
		},
		"pull": func(c *websocket.Conn) {
			var p []byte
			for {
				var typ websocket.MessageType
				var err error
				if typ, p, err = c.ReadAppend(ctx, p[:0]); err != nil || c.Write(ctx, typ, p) != nil {
					return
				}
			}
		},
	}
	forms["serve, counted"], forms["pull, counted"] = forms["serve"], forms["pull"]
	for _, form := range []string{"serve", "serve, counted", "pull", "pull, counted"} {
		for _, k := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d in flight", form, k), func(b *testing.B) {
				opts := &websocket.AcceptOptions{}
				if strings.HasSuffix(form, "counted") {
					opts.Counters = new(websocket.Counters)
				}
				c, client := handshake(b, opts)
				go forms[form](c)
				frame := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewBinaryFrame(make([]byte, 128)), [4]byte{1, 2, 3, 4}))
				var batch []byte
				for range k {
					batch = append(batch, frame...)
				}
				answer := make([]byte, k*(128+4))
				b.ReportAllocs()
				for n := 0; n < b.N; n += k {
					client.Write(batch)
					if _, err := io.ReadFull(client, answer); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// What it saves to copy a payload that lies at the beginning of a page before
// the kernel does; in the middle of one there is nothing to save.
func BenchmarkWriteFromAPage(b *testing.B) {
	for _, offset := range []int{0, pagealias.HalfPage} {
		for _, size := range []int{16 << 10, 1 << 20} {
			for _, copied := range []bool{false, true} {
				b.Run(fmt.Sprintf("at %d/%d bytes/copied=%v", offset, size, copied), func(b *testing.B) {
					defer pagealias.Affected.Store(pagealias.Affected.Load())
					pagealias.Affected.Store(copied)
					c, client := handshake(b, nil)
					p := atPage(offset, size)
					answer := make([]byte, ws.HeaderSize(ws.Header{Length: int64(size)})+size)
					b.SetBytes(int64(size))
					for b.Loop() {
						read := make(chan bool)
						go func() { io.ReadFull(client, answer); close(read) }()
						if err := c.Write(context.Background(), websocket.MessageBinary, p); err != nil {
							b.Fatal(err)
						}
						<-read
					}
				})
			}
		}
	}
}

// What a context costs a Read that has to wait: one that cannot be cancelled,
// the one of the Read before, and one of its own, made and cancelled on the way.
func BenchmarkContexts(b *testing.B) {
	one, cancel := context.WithCancel(context.Background())
	defer cancel()
	own := func() (context.Context, context.CancelFunc) { return context.WithCancel(one) }
	for _, tc := range []struct {
		name string
		next func() (context.Context, context.CancelFunc)
	}{
		{"none", func() (context.Context, context.CancelFunc) { return context.Background(), func() {} }},
		{"one", func() (context.Context, context.CancelFunc) { return one, func() {} }},
		{"own", own},
	} {
		b.Run(tc.name, func(b *testing.B) {
			c, client := handshake(b, nil)
			go func() {
				var p []byte
				for {
					ctx, cancel := tc.next()
					typ, got, err := c.ReadAppend(ctx, p[:0])
					cancel()
					if p = got; err != nil || c.Write(one, typ, p) != nil {
						return
					}
				}
			}()
			frame := masked(ws.OpBinary, true, "Hello")
			answer := make([]byte, 7)
			b.ReportAllocs()
			for b.Loop() {
				client.Write(frame)
				if _, err := io.ReadFull(client, answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

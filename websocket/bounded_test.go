package websocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// size is what no buffer of the transports takes.
const size = 192 << 10

// Every call of a connection that takes a context. wspb has a test of its own.
var boundedCalls = map[string]func(ctx context.Context, c *websocket.Conn) error{
	"Read":       func(ctx context.Context, c *websocket.Conn) error { _, _, err := c.Read(ctx); return err },
	"ReadAppend": func(ctx context.Context, c *websocket.Conn) error { _, _, err := c.ReadAppend(ctx, nil); return err },
	"Messages": func(ctx context.Context, c *websocket.Conn) error {
		_, errs := messages(ctx, c)
		return errors.Join(errs...)
	},
	"Reader and Read": func(ctx context.Context, c *websocket.Conn) error {
		_, r, err := c.Reader(ctx)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		return err
	},
	"Write": func(ctx context.Context, c *websocket.Conn) error {
		return c.Write(ctx, websocket.MessageBinary, make([]byte, size))
	},
	"a short Write": func(ctx context.Context, c *websocket.Conn) error {
		return c.Write(ctx, websocket.MessageBinary, make([]byte, 100))
	},
	"Writer, Write and Close": func(ctx context.Context, c *websocket.Conn) error {
		w, err := c.Writer(ctx, websocket.MessageBinary)
		if err != nil {
			return err
		}
		_, err = w.Write(make([]byte, size))
		w.Close()
		return err
	},
	"WritePrepared": func(ctx context.Context, c *websocket.Conn) error {
		m, err := websocket.NewPreparedMessage(websocket.MessageBinary, make([]byte, size))
		if err != nil {
			return err
		}
		return c.WritePrepared(ctx, m)
	},
	"Ping":         func(ctx context.Context, c *websocket.Conn) error { return c.Ping(ctx) },
	"PingRTT":      func(ctx context.Context, c *websocket.Conn) error { _, err := c.PingRTT(ctx); return err },
	"SendPing":     func(ctx context.Context, c *websocket.Conn) error { return c.SendPing(ctx, []byte("?")) },
	"CloseContext": func(ctx context.Context, c *websocket.Conn) error { return c.CloseContext(ctx, 1000, "") },
	"CloseContext beside a Write": func(ctx context.Context, c *websocket.Conn) error {
		go c.Write(context.Background(), websocket.MessageBinary, make([]byte, size))
		return c.CloseContext(ctx, 1000, "")
	},
	"CloseContext after a Write": func(ctx context.Context, c *websocket.Conn) error {
		for range 100 { // over TLS, its goodbye does not leave either
			if err := c.Write(ctx, websocket.MessageBinary, make([]byte, 10_000)); err != nil {
				break
			}
		}
		return c.CloseContext(ctx, 1000, "")
	},
	"Serve": func(ctx context.Context, c *websocket.Conn) error {
		return c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	},
	"Serve that fails": func(ctx context.Context, c *websocket.Conn) error {
		return c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return io.ErrNoProgress })
	},
	"CloseRead": func(ctx context.Context, c *websocket.Conn) error { <-c.CloseRead(ctx).Done(); return nil },
	"wsjson.Read": func(ctx context.Context, c *websocket.Conn) error {
		var v any
		return wsjson.Read(ctx, c, &v)
	},
	"wsjson.Write": func(ctx context.Context, c *websocket.Conn) error {
		return wsjson.Write(ctx, c, json.RawMessage(`"`+string(bytes.Repeat([]byte("x"), size))+`"`))
	},
	"NetConn.Read": func(ctx context.Context, c *websocket.Conn) error {
		_, err := netConnUntil(ctx, c).Read(make([]byte, 1))
		return err
	},
	"NetConn.Write": func(ctx context.Context, c *websocket.Conn) error {
		_, err := netConnUntil(ctx, c).Write(make([]byte, size))
		return err
	},
}

// netConnUntil has the deadline of ctx, and no context.
func netConnUntil(ctx context.Context, c *websocket.Conn) net.Conn {
	conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	return conn
}

// What a peer may do that keeps a call waiting.
var trying = map[string]func(client net.Conn){
	"says nothing":                          func(client net.Conn) { go io.Copy(io.Discard, client) },
	"takes nothing":                         func(client net.Conn) {},
	"sends half a head":                     says("\x82", true),
	"sends half a frame, and takes nothing": says(string(masked(ws.OpText, true, `"a long text"`)[:9]), false),
	"sends half a message":                  says(string(masked(ws.OpText, false, `"a long`)), true),
	"breaks the protocol, and stays":        says("\x81\x01x", true), // RFC 6455, 5.1: not masked
	"sends what is no JSON, and stays":      says(string(masked(ws.OpText, true, `{"a":`)), true),
	"sends the same, and takes nothing":     says(string(masked(ws.OpText, true, `{"a":`)), false),
	"closes, and stays":                     says(string(masked(ws.OpClose, true, "\x03\xe8")), true),
	"closes, and takes nothing":             says(string(masked(ws.OpClose, true, "\x03\xe8")), false),
	"pings, and takes nothing":              says(string(masked(ws.OpPing, true, "?")), false),
}

func says(what string, takes bool) func(client net.Conn) {
	return func(client net.Conn) {
		go client.Write([]byte(what))
		if takes {
			go io.Copy(io.Discard, client)
		}
	}
}

// lessDeadlines is a transport whose deadlines are not supported: it says so, or
// takes them and does nothing.
type lessDeadlines struct {
	net.Conn
	err error
}

func (c lessDeadlines) SetDeadline(time.Time) error      { return c.err }
func (c lessDeadlines) SetReadDeadline(time.Time) error  { return c.err }
func (c lessDeadlines) SetWriteDeadline(time.Time) error { return c.err }

// Every call returns when its context ends, whatever the peer and the transport
// do. In memory time passes only when everybody waits, and is exact.
func TestEveryCallIsBoundedByItsContext(t *testing.T) {
	less := func(err error) func() (client, server net.Conn) {
		return func() (client, server net.Conn) {
			client, server = net.Pipe()
			return client, lessDeadlines{server, err}
		}
	}
	for transport, pair := range map[string]func() (client, server net.Conn){
		"a pipe":                        net.Pipe,
		"TLS over a pipe":               func() (client, server net.Conn) { return tlsOver(net.Pipe()) },
		"a pipe without deadlines":      less(os.ErrNoDeadline),
		"a pipe that ignores deadlines": less(nil),
	} {
		for peer, act := range trying {
			for call, do := range boundedCalls {
				bubble(t, func(t *testing.T) {
					client, server := pair()
					took, err := boundedCall(t, client, server, act, do)
					if took > 100*time.Millisecond+2*graceful {
						t.Errorf("%s over %s whose peer %s: %v, with %v", call, transport, peer, took, err)
					}
				})
			}
		}
	}
}

// graceful is how much longer a call may take than its context allows, where a
// transport does nothing about deadlines, or TLS waits to say goodbye.
const graceful = 250 * time.Millisecond

// The same over TCP, where the kernel's buffers are in between: long before the
// timeout of the closing handshake, which is five seconds.
func TestEveryCallOverTCPIsBoundedByItsContext(t *testing.T) {
	var wg sync.WaitGroup
	turns := make(chan bool, 8)
	for peer, act := range trying {
		for call, do := range boundedCalls {
			turns <- true
			wg.Go(func() {
				defer func() { <-turns }()
				client, server := tcpPair(t)
				small(server)
				client.(*net.TCPConn).SetReadBuffer(4096)
				if took, err := boundedCall(t, client, server, act, do); took > 4500*time.Millisecond {
					t.Errorf("%s whose peer %s: %v, with %v", call, peer, took, err)
				}
			})
		}
	}
	wg.Wait()
}

// boundedCall does a call with a context of 100 ms.
func boundedCall(t *testing.T, client, server net.Conn, act func(net.Conn), do func(context.Context, *websocket.Conn) error) (took time.Duration, err error) {
	t.Helper()
	c := acceptWith(t, client, server, &websocket.AcceptConnOptions{HandshakeTimeout: -1})
	t.Cleanup(func() { c.CloseNow() })
	act(client)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	passed := stopwatch()
	err = do(ctx, c)
	took = passed()
	client.Close()
	c.CloseNow()
	return took, err
}

// Dial is bounded by its context too, and AcceptConn by its timeout.
func TestEveryHandshakeIsBounded(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing":            "",
		"half an answer":     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs",
		"a refusal cut off":  "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nbecause",
		"a refusal, endless": "HTTP/1.1 403 Forbidden\r\n\r\nbecause",
	} {
		bubble(t, func(t *testing.T) {
			s := wstest.ServeScript(t, func(server *wstest.Script) {
				server.ExpectRequest()
				server.Send(wstest.Bytes(answer))
				server.ExpectEnd()
			})
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			took := stopwatch()
			_, _, err := websocket.Dial(ctx, s.URL, s.Options(nil))
			if d := took(); err == nil || d > time.Second {
				t.Errorf("Dial, answered %s: %v, %v", name, d, err)
			}
		})
	}
	for name, request := range map[string]string{"nothing": "", "half a request": "GET / HTTP/1.1\r\nHost: a\r\n", "no handshake": "GET / HTTP/1.1\r\nHost: a\r\n\r\n"} {
		bubble(t, func(t *testing.T) {
			client, server := net.Pipe()
			go io.WriteString(client, request)
			took := stopwatch()
			_, err := websocket.AcceptConn(server, &websocket.AcceptConnOptions{HandshakeTimeout: 100 * time.Millisecond})
			if d := took(); err == nil || d > 2*time.Second { // a refusal waits a second for the peer to take it
				t.Errorf("AcceptConn, asked %s: %v, %v", name, d, err)
			}
			client.Close()
		})
	}
}

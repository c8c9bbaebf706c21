package websocket_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

type key struct{}

// ends are ways in which a connection ends that somebody reads.
var ends = map[websocket.EndedBy]func(c *websocket.Conn, client net.Conn){
	websocket.EndedByUs:        func(c *websocket.Conn, _ net.Conn) { c.CloseNow() },
	websocket.EndedByPeer:      func(_ *websocket.Conn, client net.Conn) { client.Write(masked(ws.OpClose, true, "\x0f\xa1bye")) },
	websocket.EndedByTransport: func(_ *websocket.Conn, client net.Conn) { client.Close() },
	websocket.EndedByViolation: func(_ *websocket.Conn, client net.Conn) {
		client.Write([]byte("\x83\x00")) // RFC 6455, 5.2: reserved
	},
}

// The cause of the context is what all calls return.
func TestTheContextOfAConnectionEndsWithIt(t *testing.T) {
	for name, pair := range transports {
		for by, end := range ends {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			request, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "value"), time.Hour)
			ctx := c.Context(request)
			again := c.Context(context.Background())
			child, stop := context.WithTimeout(ctx, time.Hour)
			cancel() // as net/http does when the handler returns
			if err := ctx.Err(); err != nil || ctx.Value(key{}) != "value" || child.Value(key{}) != "value" || again.Value(key{}) != nil {
				t.Errorf("%s: %v, value %v", name, err, ctx.Value(key{}))
			}
			if at, ok := ctx.Deadline(); ok {
				t.Errorf("%s: it has a deadline, %v", name, at)
			}
			read := make(chan error, 1)
			go func() {
				_, _, err := c.Read(context.Background())
				read <- err
			}()
			go func() {
				for b := make([]byte, 100); ; {
					if _, err := client.Read(b); err != nil {
						client.Close()
						return
					}
				}
			}()
			end(c, client)
			for _, ctx := range []context.Context{ctx, again, child, c.Context(request)} {
				<-ctx.Done()
				cause := context.Cause(ctx)
				if _, ok := cause.(*websocket.ConnError); !ok || !errors.Is(cause, by) || !errors.Is(ctx.Err(), context.Canceled) {
					t.Errorf("%s, %v: ended with %v, cause %v", name, by, ctx.Err(), cause)
				}
			}
			if err := <-read; err != context.Cause(ctx) {
				t.Errorf("%s, %v: Read returns %v, the cause is %v", name, by, err, context.Cause(ctx))
			}
			stop()
		}
	}
}

// Whoever asks while the connection ends misses nothing.
func TestAContextThatIsAskedForAtTheEnd(t *testing.T) {
	for range 200 {
		near, far := net.Pipe()
		c := accept(t, far, near, nil)
		var all sync.WaitGroup
		all.Go(func() { c.CloseNow() })
		for range 3 {
			all.Go(func() {
				ctx := c.Context(context.Background())
				<-ctx.Done()
				if !errors.Is(context.Cause(ctx), websocket.EndedByUs) {
					t.Error(context.Cause(ctx))
				}
			})
		}
		all.Wait()
		far.Close()
	}
}

// Neither the context nor those that are made of it have a goroutine.
func TestTheContextOfAConnectionHasNoGoroutine(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := accept(t, far, near, nil)
	allGone := runtime.NumGoroutine()
	for range 100 {
		ctx, cancel := context.WithCancel(c.Context(t.Context()))
		defer cancel()
		context.AfterFunc(ctx, func() {})
	}
	if n := runtime.NumGoroutine(); n > allGone+10 {
		t.Errorf("%d goroutines, there were %d", n, allGone)
	}
}

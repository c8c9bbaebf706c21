package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
)

// hooked returns a connection over each transport, and a dialled one, with a
// hook for pings, and the peer's end.
func hooked(t *testing.T, name string, onPing func(context.Context, []byte) bool) (*websocket.Conn, net.Conn) {
	if pair := transports[name]; pair != nil {
		client, server := pair(t)
		return accept(t, client, server, &websocket.AcceptOptions{OnPingReceived: onPing}), client
	}
	peers := make(chan net.Conn, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Accept: "+acceptKey(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
		peers <- conn
	}))
	t.Cleanup(s.Close)
	c := dial(t, "ws"+strings.TrimPrefix(s.URL, "http"), &websocket.DialOptions{OnPingReceived: onPing})
	peer := <-peers
	t.Cleanup(func() { peer.Close() })
	return c, peer
}

// pingFlood is a thousand empty pings, as the peer of a transport sends them.
func pingFlood(name string) []byte {
	if name == "dialled" {
		return []byte(strings.Repeat("\x89\x00", 1000))
	}
	return []byte(strings.Repeat("\x89\x80\x00\x00\x00\x00", 1000))
}

// However many pings come, and whether the peer takes their pongs or not, a
// connection has at most one goroutine for them.
func TestAFloodOfPingsStartsNoGoroutines(t *testing.T) {
	thousands := 20
	if testing.Short() {
		thousands = 5
	}
	for _, name := range []string{"tcp", "unix", "pipe", "wrapped", "tls", "dialled"} {
		for _, takes := range []bool{true, false} {
			for _, form := range []string{"Read", "Serve"} {
				if form == "Serve" && !takes && name == "pipe" {
					continue // Serve waits for a peer that takes nothing at all
				}
				var begun, most, pings atomic.Int64
				c, peer := hooked(t, name, func(context.Context, []byte) bool {
					pings.Add(1)
					most.Store(max(most.Load(), int64(runtime.NumGoroutine())))
					return true
				})
				drained := make(chan bool)
				go func() {
					if takes {
						io.Copy(io.Discard, peer)
					}
					<-drained
				}()
				// The flusher and the pongs' goroutine, each once more while an old
				// one is on its way out, and those of the runtime, of net/http and of
				// tests that are over: far fewer than one for each Ping.
				begun.Store(int64(runtime.NumGoroutine()) + 64)
				go func() {
					for range thousands {
						peer.Write(pingFlood(name))
					}
					end := "\x82\x81\x00\x00\x00\x00x"
					if name == "dialled" {
						end = "\x82\x01x"
					}
					io.WriteString(peer, end)
				}()
				begun.Add(1) // the sender
				var err error
				if form == "Read" {
					_, _, err = c.Read(within(t))
				} else {
					ctx, cancel := context.WithCancel(within(t))
					err = c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error {
						cancel()
						return nil
					})
					if errors.Is(err, context.Canceled) {
						err = nil
					}
				}
				if err != nil {
					t.Errorf("%s, %s: %v", name, form, err)
				}
				if got := most.Load(); got > begun.Load() || pings.Load() != int64(thousands)*1000 {
					t.Errorf("%s, %s, the peer takes pongs: %v: %d goroutines during %d pings, wanted at most %d", name, form, takes, got, pings.Load(), begun.Load())
				}
				peer.Close()
				c.CloseNow()
				close(drained)
			}
		}
	}
}

// steadyConn is a transport in the time of package synctest: every Read brings
// pings, and every Write takes a millisecond.
type steadyConn struct {
	net.Conn
	flood  bool
	closed chan struct{}
	end    sync.Once
	wrote  func(p []byte)
}

func (c *steadyConn) Read(p []byte) (int, error) {
	if !c.flood {
		return c.Conn.Read(p)
	}
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	case <-time.After(100 * time.Microsecond):
		return copy(p, strings.Repeat("\x89\x80\x00\x00\x00\x00", len(p)/6)), nil
	}
}

func (c *steadyConn) Write(p []byte) (int, error) {
	if !c.flood {
		return c.Conn.Write(p)
	}
	time.Sleep(time.Millisecond)
	c.wrote(p)
	return len(p), nil
}

func (c *steadyConn) SetReadDeadline(time.Time) error  { return nil }
func (c *steadyConn) SetWriteDeadline(time.Time) error { return nil }

func (c *steadyConn) Close() error {
	c.end.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// A writer has every other turn at least, however many pings come.
func TestAWriteHasItsTurnInAFloodOfPings(t *testing.T) {
	for _, writers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			client, server := net.Pipe()
			transport := &steadyConn{Conn: server, closed: make(chan struct{})}
			c := acceptWith(t, client, transport, nil)
			var pongs atomic.Int64
			transport.wrote = func(p []byte) {
				if strings.HasPrefix(string(p), "\x8a") {
					pongs.Add(1)
				}
			}
			transport.flood = true
			go c.Read(t.Context())
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // of the bubble
			defer cancel()
			turns := make([]int, writers)
			var wg sync.WaitGroup
			for i := range turns {
				wg.Go(func() {
					for c.Write(ctx, websocket.MessageText, []byte("x")) == nil {
						turns[i]++
					}
				})
			}
			wg.Wait()
			for _, n := range turns {
				if n < 900/writers/2 { // a millisecond each, and a pong between
					t.Errorf("%d writers had %v turns in two seconds, beside %d pongs", writers, turns, pongs.Load())
					break
				}
			}
			if n := pongs.Load(); n < 100 {
				t.Errorf("%d pongs", n)
			}
			c.CloseNow()
			client.Close()
			time.Sleep(time.Second) // the write under way ends
		})
	}
}

// The same over real transports, where a hundred turns come sooner or later.
func TestWritesComeThroughAFloodOfPings(t *testing.T) {
	for _, name := range []string{"tcp", "unix", "wrapped", "tls", "dialled"} {
		flooded := make(chan bool)
		var pings atomic.Int64
		c, peer := hooked(t, name, func(context.Context, []byte) bool {
			if pings.Add(1) == 1000 {
				close(flooded)
			}
			return true
		})
		go c.Read(context.Background())
		go io.Copy(io.Discard, peer)
		go func() {
			for {
				if _, err := peer.Write(pingFlood(name)); err != nil {
					return
				}
			}
		}()
		<-flooded
		for i := range 100 {
			ctx := within(t)
			if err := c.Write(ctx, websocket.MessageText, []byte("x")); err != nil {
				t.Fatalf("%s: write %d: %v", name, i, err)
			}
		}
		c.CloseNow()
		peer.Close()
	}
}

package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// readers are the ways in which messages are read; each calls f for one, and returns
// why it has ended.
var readers = map[string]func(ctx context.Context, c *websocket.Conn, f func(n int)) error{
	"Read": func(ctx context.Context, c *websocket.Conn, f func(n int)) error {
		for {
			_, p, err := c.Read(ctx)
			if err != nil {
				return err
			}
			f(len(p))
		}
	},
	"Reader": func(ctx context.Context, c *websocket.Conn, f func(n int)) error {
		for {
			_, r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, r)
			if err != nil {
				return err
			}
			f(int(n))
		}
	},
	"Serve": func(ctx context.Context, c *websocket.Conn, f func(n int)) error {
		return c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
			f(len(p))
			return nil
		})
	},
}

// Messages that come faster than they may are read at the rate, none is lost, and the
// peer has to wait.
func TestARateSlowsThePeerDown(t *testing.T) {
	for name, read := range readers {
		for _, tc := range []struct {
			what     string
			rate     websocket.Rate
			messages int // of 100 bytes, 106 with their headers
			takes    time.Duration
		}{
			{"none", websocket.Rate{}, 1000, 0},
			{"messages", websocket.Rate{Messages: 10}, 100, 9 * time.Second},
			{"messages, a long burst", websocket.Rate{Messages: 10, Burst: 5 * time.Second}, 100, 5 * time.Second},
			{"one a minute", websocket.Rate{Messages: 1. / 60}, 5, 3 * time.Minute},
			{"bytes", websocket.Rate{Bytes: 10_600}, 1000, 9 * time.Second},
			{"both", websocket.Rate{Messages: 1000, Bytes: 1060}, 100, 9 * time.Second},
		} {
			bubble(t, func(t *testing.T) {
				client, server := net.Pipe()
				c := accept(t, client, server, &websocket.AcceptOptions{Rate: tc.rate})
				since := stopwatch()
				sent := make(chan time.Duration, 1)
				go func() {
					for range tc.messages {
						client.Write(masked(ws.OpBinary, true, strings.Repeat("x", 100)))
					}
					sent <- since()
				}()
				got := 0
				var last time.Duration
				ended := make(chan error, 1)
				go func() {
					ended <- read(context.Background(), c, func(n int) {
						if got++; n != 100 {
							t.Errorf("%s, %s: a message of %d bytes", name, tc.what, n)
						}
						last = since()
					})
				}()
				waited := <-sent
				time.Sleep(time.Hour)
				client.Close()
				if err := <-ended; !errors.Is(err, io.EOF) || got != tc.messages {
					t.Errorf("%s, %s: %d messages, %v", name, tc.what, got, err)
				}
				// Of what comes together, the bytes are counted together.
				if off := last - tc.takes; off < -200*time.Millisecond || off > 200*time.Millisecond || waited > last {
					t.Errorf("%s, %s: sent in %v, read in %v, want %v", name, tc.what, waited, last, tc.takes)
				}
			})
		}
	}
}

func TestARateMayCloseTheConnection(t *testing.T) {
	for name, read := range readers {
		for what, tc := range map[string]struct {
			rate websocket.Rate
			n    int // messages that are handled
		}{
			"messages": {websocket.Rate{Messages: 10, Close: true}, 11},
			"bytes":    {websocket.Rate{Bytes: 1060, Close: true}, 10},
		} {
			bubble(t, func(t *testing.T) {
				client, server := net.Pipe()
				c := accept(t, client, server, &websocket.AcceptOptions{Rate: tc.rate})
				go func() {
					for range 100 {
						client.Write(masked(ws.OpBinary, true, strings.Repeat("x", 100)))
					}
				}()
				ended := make(chan error, 1)
				got := 0
				go func() { ended <- read(context.Background(), c, func(int) { got++ }) }()
				if code, reason, _ := readClose(client); code != ws.StatusPolicyViolation || reason != "too much was sent in too little time" {
					t.Errorf("%s, %s: close %d %q", name, what, code, reason)
				}
				client.Close()
				if err := <-ended; !errors.Is(err, wsproto.ErrOverRate) || !errors.Is(err, websocket.EndedByUs) || got != tc.n {
					t.Errorf("%s, %s: %d messages, %v", name, what, got, err)
				}
			})
		}
	}
}

// Pings count as messages do.
func TestARateCountsControlFrames(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := net.Pipe()
		c := accept(t, client, server, &websocket.AcceptOptions{Rate: websocket.Rate{Messages: 1}})
		go c.Read(context.Background())
		since := stopwatch()
		go func() {
			for range 10 {
				client.Write(masked(ws.OpPing, true, "x"))
			}
		}()
		for range 10 {
			if f, err := ws.ReadFrame(client); err != nil || f.Header.OpCode != ws.OpPong {
				t.Fatal(f, err)
			}
		}
		if took := since(); took < 8*time.Second || took > 10*time.Second {
			t.Errorf("answered in %v", took)
		}
		client.Close()
		synctest.Wait()
	})
}

// Whoever waits because of a rate is interrupted by a context, and by whatever ends
// the connection; a closing handshake does not wait.
func TestWaitingForARateEnds(t *testing.T) {
	for name, read := range readers {
		for what, tc := range map[string]struct {
			end  func(c *websocket.Conn, cancel func())
			is   error
			code websocket.StatusCode // that the peer gets
		}{
			"context":    {func(_ *websocket.Conn, cancel func()) { cancel() }, context.Canceled, websocket.StatusAbnormalClosure},
			"CloseNow":   {func(c *websocket.Conn, _ func()) { c.CloseNow() }, net.ErrClosed, websocket.StatusAbnormalClosure},
			"Close":      {func(c *websocket.Conn, _ func()) { c.Close(4001, "") }, net.ErrClosed, 4001},
			"CloseLater": {func(c *websocket.Conn, _ func()) { c.CloseLater(4001, "") }, net.ErrClosed, 4001},
		} {
			bubble(t, func(t *testing.T) {
				client, server := net.Pipe()
				c := accept(t, client, server, &websocket.AcceptOptions{Rate: websocket.Rate{Messages: 0.001}})
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				go func() {
					for range 3 {
						client.Write(masked(ws.OpText, true, "x"))
					}
				}()
				ended := make(chan error, 1)
				go func() { ended <- read(ctx, c, func(int) {}) }()
				synctest.Wait()
				since := stopwatch()
				codes := make(chan websocket.StatusCode, 1)
				go func() { codes <- peerOf(t, client).untilClose() }()
				tc.end(c, cancel)
				if err := <-ended; !errors.Is(err, tc.is) || since() > 0 {
					t.Errorf("%s, %s: %v after %v", name, what, err, since())
				}
				if what == "context" {
					if err := c.CloseNow(); err != nil {
						t.Errorf("%s: the connection has ended: %v", name, err)
					}
				}
				if code := <-codes; code != tc.code {
					t.Errorf("%s, %s: the peer gets %v", name, what, code)
				}
			})
		}
	}
}

// Over TCP, where Serve waits in the callback that lends it the descriptor.
func TestARateOverTCP(t *testing.T) {
	for name, read := range readers {
		noLeaks(t)
		client, server := tcpPair(t)
		c := accept(t, client, server, &websocket.AcceptOptions{Rate: websocket.Rate{Messages: 100, Burst: 100 * time.Millisecond}})
		client.Write([]byte(strings.Repeat(string(masked(ws.OpText, true, "x")), 20)))
		since := stopwatch()
		got := make(chan int, 20+1000) // all of them: whoever reads must not wait for this test
		ended := make(chan error, 1)
		go func() { ended <- read(context.Background(), c, func(n int) { got <- n }) }()
		for range 20 {
			<-got
		}
		if took := since(); took < 90*time.Millisecond {
			t.Errorf("%s: read in %v", name, took)
		}
		client.Write([]byte(strings.Repeat(string(masked(ws.OpText, true, "x")), 1000)))
		<-got
		c.CloseNow()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
		client.Close()
	}
}

package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// answering has the peer answer each ping after the time that it takes.
func answering(far net.Conn, takes func() time.Duration) {
	for {
		f, err := ws.ReadFrame(far)
		if err != nil {
			return
		}
		if f.Header.OpCode == ws.OpPing {
			time.Sleep(takes())
			io.WriteString(far, fromClient(ws.OpPong, true, string(f.Payload)))
		}
	}
}

func TestRTTIsOfTheLastPingThatWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, kept)
		takes := 300 * time.Millisecond
		var now atomic.Int64
		now.Store(int64(takes))
		go answering(far, func() time.Duration { return time.Duration(now.Load()) })
		if c.RTT() != 0 {
			t.Errorf("%v without a ping", c.RTT())
		}
		c.CloseRead(context.Background())
		if rtt, err := c.PingRTT(t.Context()); err != nil || rtt != takes || c.RTT() != takes {
			t.Errorf("Ping took %v, RTT is %v, want %v: %v", rtt, c.RTT(), takes, err)
		}
		takes = 40 * time.Millisecond
		now.Store(int64(takes))
		time.Sleep(interval + time.Second) // KeepAlive pings
		synctest.Wait()
		if c.RTT() != takes {
			t.Errorf("RTT is %v after a ping of KeepAlive, want %v", c.RTT(), takes)
		}
		ctx, cancel := context.WithTimeout(t.Context(), takes/2)
		defer cancel()
		if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || c.RTT() != takes {
			t.Errorf("%v; RTT is %v after a ping that was given up, want %v", err, c.RTT(), takes)
		}
		c.CloseNow()
		time.Sleep(takes) // the peer ends too
	})
}

// A pong that nobody has asked for measures nothing.
func TestRTTIgnoresPongsWithoutAPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, s := range []*settings{kept, {}} {
			c, far := overPipe(t, s)
			c.CloseRead(context.Background())
			for _, p := range []string{"", "1", "?"} {
				io.WriteString(far, fromClient(ws.OpPong, true, p))
			}
			synctest.Wait()
			if c.RTT() != 0 {
				t.Errorf("RTT is %v", c.RTT())
			}
			c.CloseNow()
		}
	})
}

// RFC 6455, 5.5.3: a pong of the most recent ping answers for those before it.
func TestRTTOfPingsThatShareAPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		c.CloseRead(context.Background())
		got := allFrames(far)
		for range 2 {
			go c.Ping(context.Background())
			time.Sleep(time.Second)
		}
		io.WriteString(far, fromClient(ws.OpPong, true, "2"))
		synctest.Wait()
		if c.RTT() != time.Second || len(*got) != 2 {
			t.Errorf("RTT is %v after %q, want that of the second one, 1s", c.RTT(), *got)
		}
		c.CloseNow()
	})
}

func TestSendPingDoesNotWaitForItsPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pongs []string
		c, far := overPipe(t, &settings{onPong: func(_ context.Context, p []byte) { pongs = append(pongs, string(p)) }})
		got := allFrames(far)
		begun := time.Now()
		longest := strings.Repeat("x", ws.MaxControlFramePayloadSize)
		for _, p := range []string{"", "Hello", longest} {
			if err := c.SendPing(t.Context(), []byte(p)); err != nil {
				t.Error(err)
			}
		}
		wantAt(t, "three pings", begun, 0)
		if err := c.SendPing(t.Context(), []byte(longest+"x")); !errors.Is(err, wsproto.ErrControlTooLong) {
			t.Errorf("126 bytes: %v", err)
		}
		c.CloseRead(context.Background())
		io.WriteString(far, fromClient(ws.OpPong, true, "Hello"))
		synctest.Wait()
		if len(*got) != 3 || (*got)[1] != "ping Hello" || len(pongs) != 1 || pongs[0] != "Hello" {
			t.Errorf("the peer was sent %q, its pongs were %q", *got, pongs)
		}
		c.CloseNow()
		if err := c.SendPing(t.Context(), nil); !errors.Is(err, EndedByUs) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// The error of a peer that is gone says for how long nothing has come.
func TestTheErrorOfADeadPeerSaysHowLongItWasSilent(t *testing.T) {
	for name, read := range readers {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, kept)
			allFrames(far)
			end := make(chan error, 1)
			go func() { end <- read(c) }()
			time.Sleep(interval / 2)
			io.WriteString(far, fromClient(ws.OpPong, true, "")) // it was heard of then
			const want = "websocket: timed out: nothing was received for 1m10s, not even the answer to a ping"
			if err := <-end; err.Error() != want || !errors.Is(err, EndedByTimeout) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		})
	}
}

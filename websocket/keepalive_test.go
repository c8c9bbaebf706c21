package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

const (
	interval = time.Minute
	timeout  = 10 * time.Second
)

var kept = &settings{keepAlive: KeepAlive{Interval: interval, Timeout: timeout}}

// readers are the ways to wait for a message.
var readers = map[string]func(c *Conn) error{
	"Read": func(c *Conn) error {
		for {
			if _, _, err := c.Read(context.Background()); err != nil {
				return err
			}
		}
	},
	"Serve": func(c *Conn) error {
		return c.Serve(context.Background(), func(context.Context, MessageType, []byte) error { return nil })
	},
	"CloseRead": func(c *Conn) error {
		ctx := c.CloseRead(context.Background())
		<-ctx.Done()
		return context.Cause(ctx)
	},
}

func wantAt(t *testing.T, what string, begun time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(begun); got != want {
		t.Errorf("%s after %v, want %v", what, got, want)
	}
}

func TestAPeerThatIsGoneEndsTheConnection(t *testing.T) {
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, kept)
				begun, end := time.Now(), make(chan error, 1)
				go func() { end <- read(c) }()
				for n := range 3 { // it answers for a while
					wantFrames(t, far, "ping ")
					wantAt(t, "ping", begun, time.Duration(n+1)*interval)
					io.WriteString(far, fromClient(ws.OpPong, true, ""))
				}
				wantFrames(t, far, "ping ")
				err := <-end
				wantAt(t, "end", begun, 4*interval+timeout)
				if !errors.Is(err, EndedByTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(err, net.ErrClosed) {
					t.Errorf("ended with %v, want EndedByTimeout", err)
				}
			})
		})
	}
}

// Not even the ping can be sent.
func TestAPeerThatTakesNothingIsGoneToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := overPipe(t, kept)
		begun := time.Now()
		wrote := make(chan error, 1)
		go func() { wrote <- c.Write(context.Background(), MessageText, []byte("Hello")) }()
		if err := readers["Read"](c); !errors.Is(err, EndedByTimeout) {
			t.Error(err)
		}
		wantAt(t, "end", begun, interval+timeout)
		if err := <-wrote; !errors.Is(err, EndedByTimeout) {
			t.Errorf("Write: %v, want EndedByTimeout", err)
		}
	})
}

func TestWhateverArrivesIsLife(t *testing.T) {
	message := fromClient(ws.OpText, true, "a message whose bytes come one by one")
	for name, piece := range map[string]int{"messages": len(message), "bytes": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, kept)
				go readers["Read"](c)
				got := allFrames(far)
				for range 3 {
					for p := message; len(p) > 0; p = p[piece:] {
						time.Sleep(interval - 1)
						io.WriteString(far, p[:piece])
					}
				}
				synctest.Wait()
				if len(*got) > 0 {
					t.Errorf("the peer was sent %q, though it was never silent for long", *got)
				}
				c.CloseNow()
			})
		})
	}
}

func TestSilenceCountsOnlyWhileAReadWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, kept)
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, MessageType, []byte) error {
				time.Sleep(time.Hour)
				return nil
			})
		}()
		io.WriteString(far, fromClient(ws.OpText, true, "takes an hour"))
		begun := time.Now()
		wantFrames(t, far, "ping ")
		wantAt(t, "ping after a handler that was busy", begun, time.Hour+interval)
		io.WriteString(far, fromClient(ws.OpPong, true, ""))
		select {
		case err := <-served:
			t.Errorf("ended with %v", err)
		default:
		}
		c.CloseNow()
		<-served
	})
	synctest.Test(t, func(t *testing.T) { // an hour without a read before it
		c, far := overPipe(t, kept)
		time.Sleep(time.Hour)
		begun := time.Now()
		go readers["Read"](c)
		wantFrames(t, far, "ping ")
		wantAt(t, "ping", begun, interval)
		c.CloseNow()
	})
	synctest.Test(t, func(t *testing.T) { // a read that was given up, and one an hour later
		c, far := overPipe(t, kept)
		ctx, cancel := context.WithTimeout(t.Context(), interval/2)
		defer cancel()
		if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		begun := time.Now()
		go readers["Read"](c)
		wantFrames(t, far, "ping ")
		wantAt(t, "ping", begun, interval)
		c.CloseNow()
	})
}

// Traffic does not move the timer: it rings once an interval at most.
func TestAKeptConnectionHasOneTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, kept)
		go readers["Read"](c)
		io.WriteString(far, fromClient(ws.OpText, true, "a"))
		synctest.Wait()
		timer := c.extras().alive.timer
		for range 100 {
			io.WriteString(far, fromClient(ws.OpText, true, "a"))
			time.Sleep(interval / 7)
		}
		synctest.Wait()
		if c.extras().alive.timer != timer {
			t.Error("there is another timer")
		}
		c.CloseNow()
		if timer.Stop() {
			t.Error("the timer goes on after the end")
		}
	})
}

// onWrite is a socket that does something while it is first written to.
type onWrite struct {
	syscall.RawConn
	once *sync.Once
	do   func()
}

func (w onWrite) Write(f func(uintptr) bool) error {
	w.once.Do(w.do)
	return w.RawConn.Write(f)
}

// A ping that is due while another one is being written is sent after it: a peer has to
// answer what it was sent.
func TestAPingThatIsDueDuringAPingIsSent(t *testing.T) {
	near, far := tcpConns(t)
	c := serverOver(t, near, kept)
	c.transport.raw = onWrite{c.transport.raw, new(sync.Once), c.pingPeer}
	c.pingPeer()
	c.CloseNow()
	if got, err := io.ReadAll(far); string(got) != "\x89\x00\x89\x00" {
		t.Errorf("the peer receives %x, %v; want two pings", got, err)
	}
}

// Connections that the kernel knows wait in its poller, with their descriptor.
func TestKeepAliveOverSockets(t *testing.T) {
	for name, read := range readers {
		near, far := tcpConns(t)
		c := serverOver(t, near, &settings{keepAlive: KeepAlive{Interval: time.Millisecond, Timeout: 20 * time.Second}})
		end := make(chan error, 1)
		go func() { end <- read(c) }()
		for range 3 {
			wantFrames(t, far, "ping ")
			io.WriteString(far, fromClient(ws.OpPong, true, ""))
		}
		c.CloseNow()
		if err := <-end; !errors.Is(err, EndedByUs) {
			t.Errorf("%s: a peer that answers: %v", name, err)
		}
		near, _ = tcpConns(t)
		c = serverOver(t, near, &settings{keepAlive: KeepAlive{Interval: time.Millisecond}})
		if err := read(c); !errors.Is(err, EndedByTimeout) {
			t.Errorf("%s: a peer that is gone: %v, want EndedByTimeout", name, err)
		}
	}
}

func tcpConns(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if far, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// A write that is never taken, of a peer that goes on talking, is bounded by
// StallTimeout; it begins anew with each 64 KiB.
func TestAPeerThatTakesNothingForTooLongIsTheEnd(t *testing.T) {
	const size = 1 << 20
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, &settings{stallTimeout: time.Second})
		go func() { // slowly: 64 KiB in 999 milliseconds
			b := make([]byte, 32<<10)
			for n := 0; n < size+10; { // its header has 10
				time.Sleep(333 * time.Millisecond)
				k, _ := far.Read(b)
				n += k
			}
		}()
		begun := time.Now()
		if err := c.Write(t.Context(), MessageBinary, make([]byte, size)); err != nil || time.Since(begun) < 5*time.Second {
			t.Fatalf("a slow peer: %v after %v", err, time.Since(begun))
		}
		err := c.Write(t.Context(), MessageBinary, make([]byte, size))
		if !errors.Is(err, EndedByTimeout) {
			t.Errorf("a peer that takes nothing: %v, want EndedByTimeout", err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // WriteTimeout is a limit besides
		c, far := overPipe(t, &settings{stallTimeout: time.Second, writeTimeout: 3 * time.Second})
		var peer sync.WaitGroup
		defer peer.Wait()
		peer.Go(func() {
			for b := make([]byte, 32<<10); ; time.Sleep(333 * time.Millisecond) {
				if _, err := far.Read(b); err != nil {
					return
				}
			}
		})
		begun := time.Now()
		err := c.Write(t.Context(), MessageBinary, make([]byte, size))
		if !errors.Is(err, EndedByTimeout) {
			t.Error(err)
		}
		wantAt(t, "end", begun, 3*time.Second)
	})
}

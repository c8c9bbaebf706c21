package websocket

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// What is held back leaves after flushAfter to twice that, again and again.
func TestHeldRepliesLeaveInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, &settings{hold: endpoint.HoldReplies})
		for i := range 10 {
			begun := time.Now()
			for j := range 1 + i%3 { // together
				if err := c.Write(t.Context(), MessageText, fmt.Append(nil, j)); err != nil {
					t.Fatal(err)
				}
			}
			if time.Since(begun) > 0 {
				t.Error("Write waits")
			}
			for j := range 1 + i%3 {
				wantFrames(t, far, fmt.Sprint("text ", j))
			}
			if late := time.Since(begun); late < flushAfter || late > 2*flushAfter {
				t.Errorf("message %d leaves after %v", i, late)
			}
			time.Sleep(time.Duration(i) * time.Millisecond) // of the bubble
		}
		c.CloseNow()
	})
}

// A handler may wait for the answer to its own reply.
func TestAHandlersReplyLeavesWhileItWaits(t *testing.T) {
	waitFor := func(t *testing.T, c *Conn, far net.Conn) {
		answered := make(chan bool)
		done := make(chan error, 1)
		go func() {
			done <- c.Serve(context.Background(), func(ctx context.Context, typ MessageType, p []byte) error {
				if err := c.Write(ctx, typ, p); err != nil {
					return err
				}
				<-answered
				return nil
			})
		}()
		for range 3 {
			begun := time.Now()
			go far.Write([]byte(fromClient(ws.OpText, true, "a")))
			wantFrames(t, far, "text a")
			if late := time.Since(begun); c.transport.raw == nil && late > 2*flushAfter {
				t.Errorf("it leaves after %v", late)
			}
			answered <- true
		}
		c.CloseNow()
		<-done
	}
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		waitFor(t, c, far)
	})
	for _, network := range networks { // when, is up to the machine
		near, far := socketPair(t, network)
		waitFor(t, serverOver(t, near, nil), far)
	}
}

func TestHeldRepliesLeaveASocket(t *testing.T) {
	for _, network := range networks {
		near, far := socketPair(t, network)
		c := serverOver(t, near, &settings{hold: endpoint.HoldReplies})
		for i := range 5 {
			if err := c.Write(t.Context(), MessageText, fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
			wantFrames(t, far, fmt.Sprint("text ", i))
		}
	}
}

// The goroutine of a flusher ends when there has been nothing to do for a while,
// and begins again; whatever is added while it does so is looked after in time.
func TestAFlusherThatEndsForgetsNothing(t *testing.T) {
	for turns := range idleTurns + 4 {
		for _, settled := range []bool{false, true} { // or at the same time as it looks
			synctest.Test(t, func(t *testing.T) {
				var f flusher
				c, far := overPipe(t, nil)
				frames := allFrames(far)
				var want []string
				for i := range 3 {
					c.out.lock.lock(nil, nil)
					appendText(t, c, fmt.Sprint(i))
					f.add(c)
					c.out.lock.unlock()
					time.Sleep(2 * flushAfter) // of the bubble
					synctest.Wait()
					want = append(want, fmt.Sprint("text ", i))
					if got := *frames; !slices.Equal(got, want) {
						t.Fatalf("after %d turns without anything to do: %q, want %q", turns, got, want)
					}
					time.Sleep(time.Duration(turns) * flushAfter)
					if settled {
						synctest.Wait()
					}
				}
				time.Sleep((idleTurns + 1) * flushAfter)
				synctest.Wait()
				if f.awake.Load() || f.conns != nil {
					t.Errorf("it is awake for ever: %v, %d connections", f.awake.Load(), len(f.conns))
				}
				c.CloseNow()
				far.Close()
			})
		}
	}
}

// However many add connections at the same time, from inside a flush or not, and
// whether there is something to flush or not.
func TestManyAddToAFlusher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const conns = keptConns + 10
		var f flusher
		all := make([]*[]string, conns)
		var wg sync.WaitGroup
		for i := range conns {
			c, far := overPipe(t, nil)
			all[i] = allFrames(far)
			wg.Go(func() {
				time.Sleep(time.Duration(i%7) * time.Millisecond) // of the bubble
				for j := range 2 {
					c.out.lock.lock(nil, nil)
					if i%3 > 0 {
						appendText(t, c, fmt.Sprint(j))
					}
					f.add(c)
					c.out.lock.unlock()
					time.Sleep(time.Duration(i%5*3) * time.Millisecond)
				}
				time.Sleep(2 * flushAfter)
				c.CloseNow()
				far.Close()
			})
		}
		wg.Wait()
		time.Sleep((idleTurns + 1) * flushAfter)
		synctest.Wait()
		for i, frames := range all {
			want := []string{"text 0", "text 1"}
			if i%3 == 0 {
				want = nil
			}
			if !slices.Equal(*frames, want) {
				t.Errorf("connection %d: %q, want %q", i, *frames, want)
			}
		}
	})
}

// A connection that ends with something held back keeps nobody busy: the bubble
// ends when all its goroutines have.
func TestHeldRepliesOfAConnectionThatEnds(t *testing.T) {
	for _, taken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, &settings{hold: endpoint.HoldReplies})
			if err := c.Write(t.Context(), MessageText, []byte("a")); err != nil {
				t.Fatal(err)
			}
			if taken { // by a goroutine, which waits for the peer
				time.Sleep(2 * flushAfter)
			}
			c.CloseNow()
			time.Sleep(3 * flushAfter)
			synctest.Wait()
			if !c.out.lock.tryLock() {
				t.Errorf("taken %v: somebody is still writing", taken)
			}
			far.Close()
		})
	}
}

package websocket

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

var bg = context.Background()

// withQueue returns a server's connection with a queue over a net.Pipe, which takes
// nothing unless the client reads.
func withQueue(t testing.TB) (c *Conn, client net.Conn) {
	a, b := net.Pipe()
	c = newConn(a, ws.StateServerSide, "", nil, &settings{queue: &Queue{}})
	t.Cleanup(func() { c.CloseNow(); b.Close() })
	return c, b
}

// What is enqueued while somebody writes is a debt. Whoever comes between the one who
// gives the lock back and its look at the debt must not pay the pongs only, and leave
// the queue to nobody.
func TestADebtIsForTheQueueToo(t *testing.T) {
	for name, write := range map[string]func(c *Conn) error{
		"SendPing": func(c *Conn) error { return c.SendPing(bg, nil) },
		"a fragment": func(c *Conn) error {
			if err := c.lockOutput(bg); err != nil {
				return err
			}
			c.unlockOutput()
			return nil
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, client := withQueue(t)
			if !c.out.lock.tryLock() {
				t.Fatal("somebody writes")
			}
			if err := c.Write(bg, MessageText, []byte("message")); err != nil {
				t.Fatal(err)
			}
			c.out.lock.unlock() // and before it looks at the debt
			var got []byte
			go func() {
				for b := make([]byte, 100); ; {
					n, err := client.Read(b)
					if got = append(got, b[:n]...); err != nil {
						return
					}
				}
			}()
			if err := write(c); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if n := c.QueueState().Messages; n != 0 {
				t.Errorf("%s: %d messages wait for nobody", name, n)
			}
			if want := "\x81\x07message"; len(got) < len(want) || string(got[len(got)-len(want):]) != want {
				t.Errorf("%s: sent %q", name, got)
			}
		})
	}
}

// A Writer or a Flush that waits for its turn is told that there will be none, also
// where nobody reads, who would find the end.
func TestWhoeverWaitsForATurnIsToldOfTheEnd(t *testing.T) {
	for name, end := range map[string]func(c *Conn, client net.Conn){
		"the transport fails": func(_ *Conn, client net.Conn) { client.Close() },
		"CloseNow":            func(c *Conn, _ net.Conn) { c.CloseNow() },
		"CloseLater":          func(c *Conn, _ net.Conn) { c.CloseLater(StatusGoingAway, "") },
	} {
		for doing, wait := range map[string]func(c *Conn) error{
			"Writer": func(c *Conn) error { _, err := c.Writer(bg, MessageText); return err },
			"Flush":  func(c *Conn) error { return c.Flush(bg) },
		} {
			synctest.Test(t, func(t *testing.T) {
				c, client := withQueue(t)
				c.Write(bg, MessageText, make([]byte, 100))
				synctest.Wait() // it is being written
				begun := time.Now()
				done := make(chan error)
				go func() { done <- wait(c) }()
				synctest.Wait()
				end(c, client)
				var cause *ConnError
				if err := <-done; !errors.As(err, &cause) || time.Since(begun) > closeTimeout {
					t.Errorf("%s, %s: %v after %v", doing, name, err, time.Since(begun))
				}
			})
		}
	}
}

// A pong that has waited for room comes after the first of what Close sends, and is
// no reason to stop there.
func TestCloseSendsAllThatWaitsAlsoAfterALatePong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, client := withQueue(t)
		if !c.out.lock.tryLock() {
			t.Fatal("somebody writes")
		}
		const messages, size = 50, 10 << 10
		for range messages {
			if err := c.Write(bg, MessageBinary, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
		}
		c.out.box.Message(ws.OpBinary, make([]byte, 100<<10))
		c.out.box.Answer(pingEvent([]byte("late")), nil, now()) // there is no room for it
		cause := ConnError{By: EndedByUs, Code: ws.StatusGoingAway}
		go func() {
			c.pump(sending{way: waiting, ctx: bg})
			c.appendClose(cause)
			c.flush(c.everything(bg))
			c.unlockOutput()
		}()
		counts := map[ws.OpCode]int{}
		for counts[ws.OpClose] == 0 {
			f, err := ws.ReadFrame(client)
			if err != nil {
				t.Fatal(err)
			}
			counts[f.Header.OpCode]++
		}
		if counts[ws.OpBinary] != messages+1 || counts[ws.OpPong] != 1 {
			t.Errorf("received %v before the close frame", counts)
		}
	})
}

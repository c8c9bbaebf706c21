package wspoll_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// Workers handle messages of a connection in order, one at a time, and no more at
// once than there are.
func TestWorkersKeepTheOrderOfAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const conns, messages = 6, 40
		var busy peak
		s := &wspoll.Server{
			Workers: 2,
			OnOpen:  func(c *wspoll.Conn) { c.SetValue(new(atomic.Int32)) },
			OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
				inside := c.Value().(*atomic.Int32)
				if inside.Add(1) != 1 {
					t.Error("two workers in a connection")
				}
				busy.enter()
				time.Sleep(time.Millisecond)
				c.Write(op, p)
				busy.leave()
				inside.Add(-1)
			},
		}
		l := serveIn(t, s)
		var all []peer
		begun := time.Now()
		for range conns {
			p := openIn(t, l)
			var b []byte
			for i := range messages {
				b = append(b, text(fmt.Sprint(i))...)
			}
			p.send(b)
			all = append(all, p)
		}
		for _, p := range all {
			for i := range messages {
				p.want(ws.OpText, fmt.Sprint(i))
			}
		}
		if took := time.Since(begun); took != conns*messages/2*time.Millisecond || busy.most() != 2 {
			t.Errorf("it took %v, %d at once; want %v, 2", took, busy.most(), conns*messages/2*time.Millisecond)
		}
	})
}

// While a worker waits in a connection, the loop serves the others, and the end of
// the connection waits for the worker.
func TestTheEndWaitsForTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := make(ends, 1)
		held := make(chan struct{})
		conns := make(chan *wspoll.Conn, 2)
		var working atomic.Bool
		s := &wspoll.Server{
			Workers: 2,
			OnOpen:  func(c *wspoll.Conn) { conns <- c },
			OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
				if string(p) == "hold" {
					working.Store(true)
					<-held
					working.Store(false)
				}
				c.Write(op, p)
			},
			OnClose: func(c *wspoll.Conn, err *wspoll.ConnError) {
				if working.Load() {
					t.Error("OnClose is called while OnMessage runs")
				}
				e <- err
			},
		}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		other := openIn(t, l) // on the other loop, perhaps
		p.send(text("hold"))
		synctest.Wait()
		c.CloseNow()
		other.send(text("hello"))
		other.want(ws.OpText, "hello")
		if len(e) != 0 {
			t.Error("OnClose is called too early")
		}
		close(held)
		<-e
		p.wantEnd()
		<-conns
	})
}

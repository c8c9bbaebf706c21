package wspoll_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// Any goroutine may write. Every write has one result, and what has been accepted
// arrives, in the order of its goroutine.
func TestWritesOfManyGoroutinesArriveInTheirOrder(t *testing.T) {
	const writers, each = 8, 500
	onEach(t, func(t *testing.T, poller string) {
		conns := make(chan *wspoll.Conn, 1)
		addr := serve(t, &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }, Queue: wsproto.Queue{Bytes: 64 << 20, Messages: 1 << 20}}, poller)
		p := open(t, addr)
		c := <-conns
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					b := binary.BigEndian.AppendUint32(nil, uint32(w))
					b = binary.BigEndian.AppendUint32(b, uint32(i))
					if err := c.Write(ws.OpBinary, append(b, make([]byte, i*7%3000)...)); err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
				}
			})
		}
		var next [writers]uint32
		for range writers * each {
			f, err := ws.ReadFrame(p)
			if err != nil {
				t.Fatal(err)
			}
			w, i := binary.BigEndian.Uint32(f.Payload), binary.BigEndian.Uint32(f.Payload[4:])
			if i != next[w] || len(f.Payload) != 8+int(i)*7%3000 {
				t.Fatalf("message %d of writer %d is %d bytes long, want message %d", i, w, len(f.Payload), next[w])
			}
			next[w]++
		}
		all.Wait()
	})
}

// A peer that takes nothing costs a bounded number of bytes, gets its pongs all the
// same, and then everything that was accepted.
func TestASlowPeerCostsABoundedNumberOfBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, size = 256 << 10, 10_000
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }, Queue: wsproto.Queue{Bytes: limit}}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		message := func(i int) []byte { return append(fmt.Append(nil, i, " "), make([]byte, size)...) }
		accepted := 0
		for {
			err := c.Write(ws.OpBinary, message(accepted))
			if errors.Is(err, wsproto.ErrQueueFull) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			accepted++
			synctest.Wait()
		}
		if q := c.QueueState(); q.Bytes > limit || q.Bytes < limit-2*size || q.Dropped.Newest != 1 || !q.High {
			t.Errorf("the queue is %+v", q)
		}
		for i := range accepted {
			p.want(ws.OpBinary, string(message(i)))
		}
		if err := c.Write(ws.OpText, []byte("again")); err != nil {
			t.Errorf("there is room again: %v", err)
		}
		p.want(ws.OpText, "again")
	})
}

func TestPongsPassWhileMessagesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		messages := 0
		for ; c.QueueState().Messages == 0; messages++ {
			// Of a length at which less than a batch is being sent when a ping comes.
			if err := c.Write(ws.OpBinary, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if c.QueueState().Messages == 0 {
				p.send(frame(ws.OpPing, true, fmt.Sprint(messages)))
			}
		}
		pongs := 0
		for range messages*2 - 1 {
			f, err := ws.ReadFrame(p)
			if err != nil {
				t.Fatal(err)
			}
			if f.Header.OpCode == ws.OpPong {
				pongs++
			}
		}
		if pongs != messages-1 {
			t.Errorf("%d pongs, want %d", pongs, messages-1)
		}
	})
}

// What a queue does when it is full is what its policy says. Every message has one
// outcome.
func TestWhatAStalledPeerGetsIsWhatThePolicySays(t *testing.T) {
	for _, tc := range []struct {
		policy wsproto.QueuePolicy
		want   string // of the messages 0 to 4, with the keys a, b, a, c, a
		code   ws.StatusCode
	}{
		{wsproto.QueueBlock, "01", 0},
		{wsproto.QueueDropNewest, "01", 0},
		{wsproto.QueueDropOldest, "34", 0},
		{wsproto.QueueKeepLatest, "34", 0},
		{wsproto.QueueClose, "", ws.StatusTryAgainLater},
	} {
		t.Run(tc.policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conns := make(chan *wspoll.Conn, 1)
				s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }, Queue: wsproto.Queue{Messages: 2, WhenFull: tc.policy}}
				l := serveIn(t, s)
				p := openIn(t, l)
				c := <-conns
				c.Write(ws.OpBinary, make([]byte, 1<<20)) // what is being sent
				synctest.Wait()
				var receipts [5]wspoll.Receipt
				for i, key := range []string{"a", "b", "a", "c", "a"} {
					m := wspoll.Outgoing{Op: ws.OpText, Payload: fmt.Append(nil, i), Key: key, Receipt: &receipts[i]}
					if i == 4 {
						m = wspoll.Outgoing{Prepared: wsflate.NewPreparedMessage(ws.OpText, []byte("4")), Key: key, Receipt: &receipts[i]}
					}
					c.Enqueue(m)
				}
				p.want(ws.OpBinary, string(make([]byte, 1<<20)))
				for _, want := range tc.want {
					p.want(ws.OpText, string(want))
				}
				if tc.code != 0 {
					p.wantClose(tc.code)
				}
				synctest.Wait()
				sent := 0
				for i := range receipts {
					if err, known := receipts[i].Outcome(); !known {
						t.Errorf("message %d has no outcome", i)
					} else if err == nil {
						sent++
					}
				}
				if sent != len(tc.want) {
					t.Errorf("%d messages were sent by their receipts, want %d", sent, len(tc.want))
				}
			})
		})
	}
}

// Close sends what waits before it.
func TestCloseComesAfterWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }}
		l := serveIn(t, s)
		p := openIn(t, l)
		c := <-conns
		var last wspoll.Receipt
		c.Write(ws.OpBinary, make([]byte, 1<<20))
		c.Write(ws.OpText, []byte("waits"))
		c.Enqueue(wspoll.Outgoing{Op: ws.OpText, Payload: []byte("last"), Receipt: &last})
		c.Close(1000, "")
		p.want(ws.OpBinary, string(make([]byte, 1<<20)))
		p.want(ws.OpText, "waits")
		p.want(ws.OpText, "last")
		p.wantClose(1000)
		if err := last.Wait(t.Context()); err != nil {
			t.Errorf("the last message has the outcome %v", err)
		}
	})
}

// A peer that does not take the answers is not read from: its messages wait where
// they are.
func TestWhoDoesNotReceiveIsNotReceivedFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handled atomic.Int32
		s := &wspoll.Server{OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
			handled.Add(1)
			if err := c.Write(op, p); err != nil {
				t.Error(err)
			}
		}}
		l := serveIn(t, s)
		p := openIn(t, l)
		const n, size = 1000, 10_000
		sent := make(chan error, 1)
		go func() {
			for i := range n {
				if _, err := p.Write(frame(ws.OpBinary, true, string(append(fmt.Append(nil, i, " "), make([]byte, size)...)))); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		synctest.Wait()
		// 64 KiB on either side of the connection, what a loop holds, and a turn.
		if got := handled.Load(); got > 50 {
			t.Errorf("%d messages are handled of a peer that receives none", got)
		}
		for i := range n {
			p.want(ws.OpBinary, string(append(fmt.Append(nil, i, " "), make([]byte, size)...)))
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

// What a handler writes leaves together, unless it asks for more.
func TestRepliesLeaveTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &wspoll.Server{OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
			c.Write(op, []byte("at once"))
			c.Flush()
			c.Write(op, []byte("later"))
			time.Sleep(time.Second)
		}}
		l := serveIn(t, s)
		p := openIn(t, l)
		begun := time.Now()
		p.send(text("x"))
		p.want(ws.OpText, "at once")
		if took := time.Since(begun); took != 0 {
			t.Errorf("what was flushed has taken %v", took)
		}
		p.want(ws.OpText, "later")
		if took := time.Since(begun); took != time.Second {
			t.Errorf("what was not flushed has taken %v", took)
		}
	})
}

// A message that nothing waits before may be longer than the limit.
func TestAMessageMayBeLongerThanTheLimit(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		long := make([]byte, 8<<20)
		addr := serve(t, &wspoll.Server{OnOpen: func(c *wspoll.Conn) {
			if err := c.Write(ws.OpBinary, long); err != nil {
				t.Error(err)
			}
		}}, poller)
		p := open(t, addr)
		p.want(ws.OpBinary, string(long))
	})
}

// What is lost with a connection is not kept, and its writers are told.
func TestAWriteAfterTheEndIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		e := make(ends, 1)
		conns := make(chan *wspoll.Conn, 1)
		addr := serve(t, &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }, OnClose: e.onClose}, poller)
		p := open(t, addr)
		c := <-conns
		p.Close()
		<-e
		for _, err := range []error{c.Write(ws.OpText, nil), c.Ping(nil), c.Err()} {
			got, ok := errors.AsType[*wspoll.ConnError](err)
			if !ok || !errors.Is(got, io.EOF) {
				t.Errorf("%v, want why it has ended", err)
			}
		}
	})
}

// What is refused does no harm to what follows, and each message has one outcome.
func TestEnqueueTellsWhatBecomesOfAMessage(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		conns := make(chan *wspoll.Conn, 1)
		addr := serve(t, &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }}, poller)
		p := open(t, addr)
		c := <-conns
		for name, tc := range map[string]struct {
			message wspoll.Outgoing
			want    error
		}{
			"sent":                         {wspoll.Outgoing{Op: ws.OpText, Payload: []byte("x")}, nil},
			"prepared":                     {wspoll.Outgoing{Prepared: wsflate.NewPreparedMessage(ws.OpText, []byte("x"))}, nil},
			"a deadline that is far away":  {wspoll.Outgoing{Op: ws.OpText, Payload: []byte("x"), Deadline: time.Now().AddDate(7000, 0, 0)}, nil},
			"a deadline that has passed":   {wspoll.Outgoing{Op: ws.OpText, Deadline: time.Now().Add(-time.Second)}, wsproto.ErrExpired},
			"a control frame":              {wspoll.Outgoing{Op: ws.OpPing}, wsproto.ErrMessageOpCode},
			"a control frame, prepared":    {wspoll.Outgoing{Prepared: wsflate.NewPreparedMessage(ws.OpPing, nil)}, wsproto.ErrMessageOpCode},
			"neither a payload nor a type": {wspoll.Outgoing{}, wsproto.ErrMessageOpCode},
		} {
			var receipt wspoll.Receipt
			tc.message.Receipt = &receipt
			if err := c.Enqueue(tc.message); err != tc.want {
				t.Errorf("%s: %v, want %v", name, err, tc.want)
			}
			if tc.want == nil {
				p.want(ws.OpText, "x")
			}
			if err := receipt.Wait(t.Context()); err != tc.want {
				t.Errorf("%s: the outcome is %v, want %v", name, err, tc.want)
			}
		}
		if n := c.QueueState().Dropped.Expired; n != 1 {
			t.Errorf("%d messages are counted as expired", n)
		}
	})
}

// A message that finds room because others have expired is sent as it was written.
func TestAMessageInTheRoomOfExpiredOnesIsWhole(t *testing.T) {
	for _, policy := range []wsproto.QueuePolicy{wsproto.QueueBlock, wsproto.QueueDropNewest, wsproto.QueueClose} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conns := make(chan *wspoll.Conn, 1)
				s := &wspoll.Server{OnOpen: func(c *wspoll.Conn) { conns <- c }, Queue: wsproto.Queue{Messages: 2, WhenFull: policy}}
				l := serveIn(t, s)
				p := openIn(t, l)
				c := <-conns
				c.Write(ws.OpBinary, make([]byte, 1<<20)) // what is being sent
				synctest.Wait()
				for range 2 {
					if err := c.Enqueue(wspoll.Outgoing{Op: ws.OpText, Payload: []byte("old"), Deadline: time.Now().Add(time.Second)}); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(2 * time.Second)
				if err := c.Write(ws.OpText, []byte("new")); err != nil {
					t.Fatal(err)
				}
				p.want(ws.OpBinary, string(make([]byte, 1<<20)))
				p.want(ws.OpText, "new")
			})
		})
	}
}

package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Messages that have come together count, also when the program reads some of them
// only, and whoever closes the connection.
func TestMessagesThatWereReadCountAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(c *websocket.Conn){
		"CloseNow": func(c *websocket.Conn) { c.CloseNow() },
		"Close":    func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") },
	} {
		var counters websocket.Counters
		c, client := handshake(t, &websocket.AcceptOptions{Counters: &counters})
		client.Write(bytes.Repeat(masked(ws.OpBinary, true, "12345"), 10))
		for range 3 {
			if _, _, err := c.Read(within(t)); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			io.Copy(client, client) // what is not masked ends a closing handshake too
			client.Close()
		}()
		end(c)
		got := counters.Stats()
		if n := got.Received.Messages; n != 3 || got.Received.Bytes != 5*n {
			t.Errorf("%s: received %+v, want 3 messages of 5 bytes", name, got.Received)
		}
	}
}

// What a Reader takes over from a Read counts once.
func TestAMessageBegunByReadAndReadByAReaderCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var counters websocket.Counters
		client, server := net.Pipe()
		c := accept(t, client, server, &websocket.AcceptOptions{Counters: &counters})
		go client.Write(masked(ws.OpText, false, "begun"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		go client.Write(masked(ws.OpContinuation, true, ", ended"))
		_, r, err := c.Reader(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if p, err := io.ReadAll(r); err != nil || string(p) != "begun, ended" {
			t.Fatalf("%q, %v", p, err)
		}
		if got, want := c.Stats().Received, (wsproto.Traffic{Messages: 1, Bytes: 12}); got != want {
			t.Errorf("received %+v, want %+v", got, want)
		}
		client.Close()
	})
}

func TestAMessageThatIsTakenBackDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var counters websocket.Counters
		client, server := net.Pipe() // which takes nothing by itself
		c := accept(t, client, server, &websocket.AcceptOptions{Counters: &counters})
		for name, write := range map[string]func(ctx context.Context) error{
			"Write": func(ctx context.Context) error { return c.Write(ctx, websocket.MessageText, []byte("never sent")) },
			"Ping":  func(ctx context.Context) error { return c.Ping(ctx) },
			"WritePrepared": func(ctx context.Context) error {
				m, _ := websocket.NewPreparedMessage(websocket.MessageText, make([]byte, 5000))
				return c.WritePrepared(ctx, m)
			},
		} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
			if got := counters.Stats().Sent; got != (wsproto.Traffic{}) {
				t.Errorf("%s: counted %+v", name, got)
			}
		}
		client.Close()
	})
}

func TestWhatIsDroppedAfterCloseDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionNoContextTakeover} {
			var counters websocket.Counters
			client, server := net.Pipe()
			c := accept(t, client, server, &websocket.AcceptOptions{Counters: &counters, CompressionMode: mode})
			go io.Copy(io.Discard, client)
			go func() {
				client.Write(masked(ws.OpText, true, "nobody wants this"))
				client.Write(masked(ws.OpPing, true, ""))
				client.Write(masked(ws.OpClose, true, "\x03\xe8"))
				client.Close()
			}()
			if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
				t.Fatal(err)
			}
			if got, want := counters.Stats().Received, (wsproto.Traffic{Pings: 1}); got != want {
				t.Errorf("counted %+v, want %+v", got, want)
			}
		}
	})
}

// What waits counts while it does; what is dropped, by what it was dropped for.
func TestCountersCountQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			queue websocket.Queue
			key   string
			late  time.Duration
			want  wsproto.Drops
		}{
			{websocket.Queue{Messages: 2, WhenFull: websocket.QueueDropOldest}, "", 0, wsproto.Drops{Oldest: 3, Ended: 2}},
			{websocket.Queue{Messages: 2, WhenFull: websocket.QueueDropNewest}, "", 0, wsproto.Drops{Newest: 3, Ended: 2}},
			{websocket.Queue{WhenFull: websocket.QueueKeepLatest}, "k", 0, wsproto.Drops{Replaced: 4, Ended: 1}},
			{websocket.Queue{}, "", time.Second, wsproto.Drops{Expired: 5}},
		} {
			var counters websocket.Counters
			server, client := queuedOver(t, 100, &websocket.AcceptOptions{Queue: &tc.queue, Counters: &counters})
			clog(t, server)
			for range 5 {
				m := websocket.Outgoing{Type: websocket.MessageText, Data: []byte("1234567890"), Key: tc.key}
				if tc.late > 0 {
					m.Deadline = time.Now().Add(tc.late)
				}
				server.Enqueue(context.Background(), m)
			}
			state, got := server.QueueState(), counters.Stats().Queue
			if got != (wsproto.Waiting{Messages: int64(state.Messages), Bytes: int64(state.Bytes), Dropped: state.Dropped}) || got.Messages == 0 {
				t.Errorf("%+v: counted %+v, the queue has %+v", tc.want, got, state)
			}
			time.Sleep(tc.late)
			synctest.Wait()
			server.CloseNow()
			client.CloseNow()
			want := wsproto.Waiting{Dropped: tc.want}
			if got := counters.Stats().Queue; got != want || got != server.Stats().Queue {
				t.Errorf("in the end: counted %+v, and %+v of the connection; want %+v", got, server.Stats().Queue, want)
			}
		}
	})
}

// The race detector sees whether a snapshot needs a lock that it does not take.
func TestStatsDuringTraffic(t *testing.T) {
	var counters websocket.Counters
	var all sync.WaitGroup
	done := make(chan bool)
	const conns, messages = 4, 200
	all.Add(conns)
	url := serve(t, &websocket.AcceptOptions{Counters: &counters}, func(c *websocket.Conn) {
		defer all.Done()
		echoes["Serve and Write"](c)
	})
	for range conns {
		c := dial(t, url, &websocket.DialOptions{Counters: &counters, HoldReplies: true})
		all.Go(func() {
			for range messages {
				if c.Write(within(t), websocket.MessageText, []byte("12345")) != nil {
					return
				}
				if _, _, err := c.Read(within(t)); err != nil {
					return
				}
				c.Stats()
			}
			c.Close(websocket.StatusNormalClosure, "")
		})
	}
	go func() { all.Wait(); close(done) }()
	var last websocket.Stats
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		s := counters.Stats()
		if s.Received.Messages < last.Received.Messages || s.Sent.Bytes < last.Sent.Bytes || s.Open < 0 || s.Open > 2*conns {
			t.Fatalf("%+v, after %+v", s, last)
		}
		last = s
	}
	want := wsproto.Traffic{Messages: 2 * conns * messages, Bytes: 5 * 2 * conns * messages}
	if s := counters.Stats(); s.Received != want || s.Sent != want || s.Opened != 2*conns || s.Open != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCountingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, counters := range map[string]*websocket.Counters{"without": nil, "with": new(websocket.Counters)} {
		c, client := handshake(t, &websocket.AcceptOptions{Counters: counters})
		frame, reply, dst := masked(ws.OpText, true, "12345"), make([]byte, 7), make([]byte, 0, 100)
		ctx := context.Background()
		n := testing.AllocsPerRun(500, func() {
			client.Write(frame)
			typ, p, err := c.ReadAppend(ctx, dst)
			if err != nil || c.Write(ctx, typ, p) != nil {
				t.Fatal(err)
			}
			io.ReadFull(client, reply)
		})
		if n != 0 {
			t.Errorf("%s Counters: %v allocations for each message", name, n)
		}
		if s := c.Stats(); counters == nil && s.Opened != 0 || counters != nil && s.Sent.Messages != 501 {
			t.Errorf("%s Counters: %+v", name, s)
		}
	}
}

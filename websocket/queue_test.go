package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

var bg = context.Background()

// queued returns a server's connection with a queue, whose transport holds little,
// and its client.
func queued(t testing.TB, q websocket.Queue) (server, client *websocket.Conn) {
	t.Helper()
	return queuedOver(t, 100, &websocket.AcceptOptions{Queue: &q})
}

func queuedOver(t testing.TB, buffer int, opts *websocket.AcceptOptions) (server, client *websocket.Conn) {
	t.Helper()
	a, b := wstest.NetPipe(buffer)
	return wstest.PipeOver(t, a, b, opts, nil)
}

// clog writes a message that fills the transport, so that what comes next waits.
func clog(t testing.TB, c *websocket.Conn) {
	t.Helper()
	if err := c.Write(bg, websocket.MessageText, []byte(strings.Repeat("-", 200))); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if n := c.QueueState().Messages; n > 0 {
		t.Fatalf("%d messages wait, and are to be on their way", n)
	}
}

// readAll reads to the end, and returns all messages but those of clog.
func readAll(c *websocket.Conn) (got []string, end error) {
	for {
		_, p, err := c.Read(bg)
		if err != nil {
			return got, err
		}
		if !strings.HasPrefix(string(p), "-") {
			got = append(got, string(p))
		}
	}
}

func TestWhatAStalledPeerGetsIsWhatThePolicySays(t *testing.T) {
	for _, tc := range []struct {
		policy websocket.QueuePolicy
		want   []string
		errs   []error
	}{
		{websocket.QueueDropOldest, []string{"c3", "a4"}, []error{nil, nil, nil, nil, nil}},
		{websocket.QueueDropNewest, []string{"a0", "b1"}, []error{nil, nil, websocket.ErrQueueFull, websocket.ErrQueueFull, websocket.ErrQueueFull}},
		{websocket.QueueKeepLatest, []string{"c3", "a4"}, []error{nil, nil, nil, nil, nil}},
	} {
		t.Run(tc.policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := queued(t, websocket.Queue{Messages: 2, WhenFull: tc.policy})
				clog(t, server)
				var receipts [5]websocket.Receipt
				for i, text := range []string{"a0", "b1", "a2", "c3", "a4"} {
					err := server.Enqueue(bg, websocket.Outgoing{
						Type: websocket.MessageText, Data: []byte(text), Key: text[:1], Receipt: &receipts[i],
					})
					if !errors.Is(err, tc.errs[i]) {
						t.Errorf("%s: %v, want %v", text, err, tc.errs[i])
					}
				}
				go server.Close(websocket.StatusNormalClosure, "")
				got, end := readAll(client)
				if !slices.Equal(got, tc.want) || websocket.CloseStatus(end) != websocket.StatusNormalClosure {
					t.Errorf("received %q, want %q; %v", got, tc.want, end)
				}
				sent := 0
				for i := range receipts {
					if err, known := receipts[i].Outcome(); !known {
						t.Errorf("message %d has no outcome", i)
					} else if err == nil {
						sent++
					}
				}
				if sent != len(tc.want) {
					t.Errorf("%d messages were sent by their receipts", sent)
				}
			})
		})
	}
}

func TestBlockWaitsForRoomAsLongAsItsContextAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{Messages: 1})
		clog(t, server)
		if err := server.Write(bg, websocket.MessageText, []byte("fits")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if err := server.Write(ctx, websocket.MessageText, []byte("late")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no room: %v", err)
		}
		done := make(chan error)
		go func() { done <- server.Write(bg, websocket.MessageText, []byte("patient")) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Errorf("it did not wait: %v", err)
		default:
		}
		go func() {
			if err := <-done; err != nil {
				t.Error(err)
			}
			server.Close(websocket.StatusNormalClosure, "")
		}()
		if got, _ := readAll(client); !slices.Equal(got, []string{"fits", "patient"}) {
			t.Errorf("received %q", got)
		}
	})
}

func TestAFullQueueMayCloseTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{Messages: 1, WhenFull: websocket.QueueClose})
		clog(t, server)
		var waiting websocket.Receipt
		server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Data: []byte("never"), Receipt: &waiting})
		if err := server.Write(bg, websocket.MessageText, []byte("too much")); !errors.Is(err, websocket.ErrQueueFull) {
			t.Errorf("the write: %v", err)
		}
		err := server.Write(bg, websocket.MessageText, []byte("later"))
		if end, ok := errors.AsType[*websocket.ConnError](err); !ok || end.Code != 1013 || end.By != websocket.EndedByUs || !errors.Is(err, websocket.ErrQueueFull) {
			t.Errorf("the connection has ended for %v", err)
		}
		if err, known := waiting.Outcome(); !known || !errors.Is(err, websocket.EndedByUs) {
			t.Errorf("what waited: %v", err)
		}
		got, end := readAll(client)
		if len(got) != 0 || websocket.CloseStatus(end) != websocket.StatusTryAgainLater {
			t.Errorf("received %q, %v", got, end)
		}
	})
}

func TestCloseSendsWhatWaitsFirst(t *testing.T) {
	for name, closing := range map[string]func(c *websocket.Conn){
		"Close":      func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") },
		"CloseLater": func(c *websocket.Conn) { c.CloseLater(websocket.StatusGoingAway, "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := queued(t, websocket.Queue{})
				var want []string
				for i := range 500 {
					want = append(want, fmt.Sprint(i))
					if err := server.Write(bg, websocket.MessageText, []byte(want[i])); err != nil {
						t.Fatal(err)
					}
				}
				go closing(server)
				synctest.Wait()
				got, end := readAll(client)
				if !slices.Equal(got, want) || websocket.CloseStatus(end) != websocket.StatusGoingAway {
					t.Errorf("received %d messages, %v", len(got), end)
				}
			})
		})
	}
}

func TestTheEndIsTheOutcomeOfWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, _ := queued(t, websocket.Queue{})
		clog(t, server)
		var waiting websocket.Receipt
		server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Receipt: &waiting})
		server.CloseNow()
		if err := waiting.Wait(bg); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		var late websocket.Receipt
		if err := server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Receipt: &late}); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if err, known := late.Outcome(); !known || !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestAMessageWaitsNoLongerThanItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		clog(t, server)
		var late, inTime websocket.Receipt
		server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Data: []byte("late"), Deadline: time.Now().Add(time.Second), Receipt: &late})
		server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Data: []byte("in time"), Deadline: time.Now().Add(time.Minute), Receipt: &inTime})
		begun := time.Now()
		if err := late.Wait(bg); err != websocket.ErrExpired || time.Since(begun) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		go func() {
			if err := inTime.Wait(bg); err != nil {
				t.Error(err)
			}
			server.Close(websocket.StatusNormalClosure, "")
		}()
		if got, _ := readAll(client); !slices.Equal(got, []string{"in time"}) {
			t.Errorf("received %q", got)
		}
	})
}

func TestAWriterTakesItsPlaceInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		client.SetReadLimit(-1)
		clog(t, server)
		write := func(text string) {
			if err := server.Write(bg, websocket.MessageText, []byte(text)); err != nil {
				t.Error(err)
			}
		}
		write("before")
		gaveUp, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if _, err := server.Writer(gaveUp, websocket.MessageText); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a Writer that gives up: %v", err)
		}
		written := make(chan struct{})
		go func() {
			defer close(written)
			w, err := server.Writer(bg, websocket.MessageText)
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				io.WriteString(w, strings.Repeat("w", 40<<10))
				time.Sleep(time.Second)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		write("after")
		go func() {
			<-written
			server.Close(websocket.StatusNormalClosure, "")
		}()
		got, _ := readAll(client)
		if want := []string{"before", strings.Repeat("w", 120<<10), "after"}; !slices.Equal(got, want) {
			t.Errorf("received %d messages: %.50q", len(got), got)
		}
	})
}

func TestAPingPassesMessagesThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := 0
		got := 0
		a, b := wstest.NetPipe(100)
		server, client := wstest.PipeOver(t, a, b, &websocket.AcceptOptions{Queue: &websocket.Queue{}}, &websocket.DialOptions{
			OnPingReceived: func(context.Context, []byte) bool { before = got; return true },
		})
		for range 1000 {
			server.Write(bg, websocket.MessageBinary, make([]byte, 1000))
		}
		go server.CloseRead(bg)
		go func() {
			if err := server.Ping(bg); err != nil {
				t.Error(err)
			}
			server.Close(websocket.StatusNormalClosure, "")
		}()
		synctest.Wait()
		for {
			if _, _, err := client.Read(bg); err != nil {
				break
			}
			got++
		}
		if got != 1000 || before > 200 {
			t.Errorf("%d messages, of which %d came before the ping", got, before)
		}
	})
}

func TestOnQueueTellsOfWaterMarksAndDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		opts := &websocket.AcceptOptions{
			Queue: &websocket.Queue{Bytes: 400, HighWater: 300, LowWater: 100, WhenFull: websocket.QueueDropOldest},
			OnQueue: func(c *websocket.Conn, s websocket.QueueState) {
				told = append(told, fmt.Sprint(s.High, s.Dropped.Total()))
				c.QueueState() // no lock is held
			},
		}
		server, client := queuedOver(t, 100, opts)
		clog(t, server)
		for range 5 {
			server.Write(bg, websocket.MessageText, []byte(strings.Repeat("x", 100)))
			synctest.Wait()
		}
		go server.Close(websocket.StatusNormalClosure, "")
		readAll(client)
		synctest.Wait()
		if want := []string{"true 0", "true 1", "false 1"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

func TestFlushWaitsForAllThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		for range 100 {
			server.Write(bg, websocket.MessageText, []byte("message"))
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if err := server.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody reads, and Flush returns %v", err)
		}
		done := make(chan error)
		go func() { done <- server.Flush(bg) }()
		for range 100 {
			if _, p, err := client.Read(bg); err != nil || string(p) != "message" {
				t.Fatalf("%q, %v", p, err)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s := server.QueueState(); s.Messages != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestFlushSendsHeldReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(1000)
		server, _ := wstest.PipeOver(t, a, b, &websocket.AcceptOptions{HoldReplies: true}, nil)
		server.Write(bg, websocket.MessageText, []byte("held"))
		if n := b.Buffered(); n != 0 {
			t.Errorf("%d bytes have left before Flush", n)
		}
		if err := server.Flush(bg); err != nil || b.Buffered() != 6 {
			t.Errorf("%d bytes have left, %v", b.Buffered(), err)
		}
	})
}

func TestWithoutAQueueEnqueueSaysSo(t *testing.T) {
	server, _ := wstest.Pipe(t, nil, nil)
	var r websocket.Receipt
	if err := server.Enqueue(bg, websocket.Outgoing{Receipt: &r}); err == nil || !strings.Contains(err.Error(), "set Queue") {
		t.Error(err)
	}
	if err, known := r.Outcome(); !known || err == nil {
		t.Error("no outcome")
	}
	m, _ := websocket.NewPreparedMessage(websocket.MessageText, nil)
	if n := websocket.Broadcast(m, slices.Values([]*websocket.Conn{server})); n != 1 {
		t.Errorf("%d refused", n)
	}
}

func TestABudgetBoundsAllQueuesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := websocket.NewBudget(256 << 10)
		opts := &websocket.AcceptOptions{Queue: &websocket.Queue{}, MessageBudget: budget}
		var ended int
		for range 10 {
			server, _ := queuedOver(t, 100, opts)
			clog(t, server)
			for range 9 {
				if err := server.Write(bg, websocket.MessageBinary, make([]byte, 10<<10)); err != nil {
					ended++
					if !strings.Contains(err.Error(), "budget") && !strings.Contains(err.Error(), "memory") {
						t.Error(err)
					}
					break
				}
			}
			if used := budget.Used(); used > 256<<10 {
				t.Fatalf("%d bytes are counted", used)
			}
		}
		if ended != 6 { // each is charged one step of 64 KiB, and four of ten have it
			t.Errorf("%d connections were ended", ended)
		}
	})
}

// Whatever is written by several goroutines, to a peer that reads or does not: each
// message has one outcome, those that were sent arrive once, and what one goroutine
// has written arrives in its order.
func TestQueueChaos(t *testing.T) {
	for policy := websocket.QueueBlock; policy <= websocket.QueueKeepLatest; policy++ {
		for _, compression := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
			for name, pipe := range map[string]func(testing.TB) (net.Conn, net.Conn){
				"memory": func(testing.TB) (net.Conn, net.Conn) { return wstest.NetPipe(3000) },
				"socket": unixPair,
			} {
				t.Run(fmt.Sprint(policy, compression, name), func(t *testing.T) {
					t.Parallel()
					queueChaos(t, policy, compression, pipe)
				})
			}
		}
	}
}

func queueChaos(t *testing.T, policy websocket.QueuePolicy, compression websocket.CompressionMode, pipe func(testing.TB) (net.Conn, net.Conn)) {
	a, b := pipe(t)
	server, client := wstest.PipeOver(t, a, b,
		&websocket.AcceptOptions{Queue: &websocket.Queue{Bytes: 64 << 10, Messages: 20, WhenFull: policy}, CompressionMode: compression},
		&websocket.DialOptions{CompressionMode: compression})
	client.SetReadLimit(-1)
	const writers, messages = 4, 300
	receipts := make(map[string]*websocket.Receipt)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range messages {
				text := fmt.Sprintf("%d %d %s", w, i, strings.Repeat("x", r.IntN(6000)))
				if r.IntN(20) == 0 {
					out, err := server.Writer(bg, websocket.MessageText)
					if err == nil {
						io.WriteString(out, text)
						err = out.Close()
					}
					if err != nil {
						t.Error(err)
					}
					continue
				}
				m := websocket.Outgoing{Type: websocket.MessageText, Data: []byte(text), Receipt: new(websocket.Receipt)}
				switch r.IntN(5) {
				case 0:
					m.Key = fmt.Sprint(w)
				case 1:
					m.Prepared, _ = websocket.NewPreparedMessage(m.Type, m.Data)
				}
				mu.Lock()
				receipts[text] = m.Receipt
				mu.Unlock()
				server.Enqueue(bg, m)
				clear(m.Data) // it is the caller's again
			}
		})
	}
	go func() {
		wg.Wait()
		server.Close(websocket.StatusNormalClosure, "")
	}()
	last := make(map[string]int)
	r := rand.New(rand.NewPCG(9, 9))
	for {
		_, p, err := client.Read(bg)
		if err != nil {
			if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
				t.Fatal(err)
			}
			break
		}
		var w string
		var i int
		fmt.Sscan(string(p), &w, &i)
		// A message may take the place of an older one only with a key.
		if i < last[w] && policy != websocket.QueueKeepLatest {
			t.Fatalf("writer %s: message %d after %d", w, i, last[w])
		}
		last[w] = i + 1
		mu.Lock()
		rec, ok := receipts[string(p)]
		delete(receipts, string(p))
		mu.Unlock()
		if ok {
			if err, known := rec.Outcome(); known && err != nil {
				t.Fatalf("message %d of %s has arrived, and its outcome is %v", i, w, err)
			}
		}
		if r.IntN(10) == 0 {
			runtime.Gosched()
		}
	}
	for text, rec := range receipts {
		if err, known := rec.Outcome(); err == nil {
			t.Errorf("message %.10q has not arrived; its outcome is known: %v", text, known)
		}
	}
	if len(receipts) == 0 && policy != websocket.QueueBlock {
		t.Log("nothing was dropped")
	}
}

// A queue that is full by the number of its messages costs a Budget what they have, and
// one that takes no such long message costs nothing: neither ends the connection.
func TestAFullQueueCostsWhatItHolds(t *testing.T) {
	for _, policy := range []websocket.QueuePolicy{websocket.QueueDropOldest, websocket.QueueKeepLatest} {
		near, far := net.Pipe() // nobody reads
		c, err := websocket.New(near, websocket.Params{Options: &websocket.AcceptOptions{
			Queue: &websocket.Queue{Messages: 4, Bytes: 1 << 20, WhenFull: policy}, MessageBudget: websocket.NewBudget(128 << 10),
		}})
		if err != nil {
			t.Fatal(err)
		}
		enqueue := func(size int) error {
			return c.Enqueue(context.Background(), websocket.Outgoing{Type: websocket.MessageText, Data: make([]byte, size), Deadline: time.Now().Add(time.Hour)})
		}
		for i := range 10 {
			if err := enqueue(5); err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		}
		if err := enqueue(2 << 20); !errors.Is(err, websocket.ErrLongerThanQueue) {
			t.Errorf("a message that is too long: %v, want ErrLongerThanQueue", err)
		}
		if err := enqueue(5); err != nil {
			t.Errorf("after that: %v", err)
		}
		c.CloseNow()
		far.Close()
	}
}

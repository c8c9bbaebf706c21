package websocket_test

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// enqueue enqueues a text with a Receipt, and returns both answers.
func enqueue(c *websocket.Conn, m websocket.Outgoing) (*websocket.Receipt, error) {
	m.Receipt = new(websocket.Receipt)
	if m.Type = websocket.MessageText; m.Prepared != nil {
		m.Type = 0
	}
	return m.Receipt, c.Enqueue(bg, m)
}

// A message that is sent without having waited has one outcome also if the transport
// refuses it: what Enqueue has returned.
func TestWhatTheTransportRefusesAtOnceHasOneOutcome(t *testing.T) {
	for _, size := range []int{0, 10, 10 << 10, 100 << 10} {
		a, b := unixPair(t)
		server, _ := wstest.PipeOver(t, a, b, &websocket.AcceptOptions{Queue: &websocket.Queue{}}, nil)
		b.Close()
		for range 3 {
			r, err := enqueue(server, websocket.Outgoing{Data: make([]byte, size)})
			ctx, cancel := context.WithTimeout(bg, 10*time.Second)
			defer cancel()
			outcome := r.Wait(ctx)
			if _, ended := errors.AsType[*websocket.ConnError](outcome); !ended || err != nil && !errors.Is(err, outcome) {
				t.Errorf("%d bytes: %v, and its outcome is %v", size, err, outcome)
			}
		}
		server.CloseNow()
	}
}

// Whoever asks for more memory than all may have is refused, and told so once.
func TestWhatIsOverTheBudgetHasOneOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := &websocket.AcceptOptions{Queue: &websocket.Queue{}, MessageBudget: websocket.NewBudget(64 << 10)}
		server, _ := queuedOver(t, 100, opts)
		clog(t, server)
		first, err := enqueue(server, websocket.Outgoing{Data: make([]byte, 200<<10)})
		if outcome, known := first.Outcome(); !known || err == nil || outcome != err {
			t.Errorf("%v, and its outcome is %v", err, outcome)
		}
		if err := server.Write(bg, websocket.MessageText, nil); websocket.CloseStatus(err) != -1 || !strings.Contains(err.Error(), "1013") {
			t.Errorf("the connection has ended for %v", err)
		}
		server.CloseNow()
		if used := opts.MessageBudget.Used(); used != 0 {
			t.Errorf("%d bytes are counted after the end", used)
		}
	})
}

// What has expired is not charged any more, even if nothing else happens.
func TestWhatHasExpiredHoldsNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := &websocket.AcceptOptions{Queue: &websocket.Queue{}, MessageBudget: websocket.NewBudget(1 << 20)}
		server, _ := queuedOver(t, 100, opts)
		clog(t, server)
		r, err := enqueue(server, websocket.Outgoing{Data: make([]byte, 100<<10), Deadline: time.Now().Add(time.Second)})
		if err != nil || opts.MessageBudget.Used() == 0 {
			t.Fatalf("%v, %d bytes are counted", err, opts.MessageBudget.Used())
		}
		if err := r.Wait(bg); err != websocket.ErrExpired {
			t.Error(err)
		}
		synctest.Wait()
		if used := opts.MessageBudget.Used(); used != 0 {
			t.Errorf("%d bytes are counted after their time", used)
		}
	})
}

func TestDeadlinesThatAreFarAwayOrPast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		for _, clogged := range []bool{false, true} {
			if clogged {
				clog(t, server)
			}
			for _, past := range []time.Duration{0, time.Nanosecond, time.Hour, math.MaxInt64} {
				r, err := enqueue(server, websocket.Outgoing{Data: []byte("late"), Deadline: time.Now().Add(-past)})
				if outcome, known := r.Outcome(); !known || !errors.Is(outcome, websocket.ErrExpired) || !errors.Is(err, websocket.ErrExpired) {
					t.Errorf("%v ago, clogged %v: %v, and its outcome is %v", past, clogged, err, outcome)
				}
			}
		}
		if dropped := server.QueueState().Dropped; dropped.Expired != 8 || dropped.Total() != 8 {
			t.Errorf("%+v", dropped)
		}
		far, err := enqueue(server, websocket.Outgoing{Data: []byte("far"), Deadline: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Error(err)
		}
		go server.Close(websocket.StatusNormalClosure, "")
		if got, _ := readAll(client); len(got) != 1 || got[0] != "far" {
			t.Errorf("received %q", got)
		}
		if err, known := far.Outcome(); err != nil || !known {
			t.Error(err, known)
		}
	})
}

// A message that cannot be sent is no reason not to send others.
func TestAMessageThatCannotBeEncodedHasAnOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		ping := wsflate.NewPreparedMessage(ws.OpPing, []byte("no message"))
		for _, clogged := range []bool{false, true} {
			if clogged {
				clog(t, server)
			}
			bad, err := enqueue(server, websocket.Outgoing{Prepared: ping})
			if err == nil {
				t.Errorf("clogged %v: want an error", clogged)
			}
			if outcome, known := bad.Outcome(); !known || outcome == nil {
				t.Errorf("clogged %v: %v", clogged, outcome)
			}
			if err := server.Deliver(ping, ""); err == nil {
				t.Errorf("Deliver, clogged %v: want an error", clogged)
			}
			if err := server.Write(bg, websocket.MessageText, []byte("good")); err != nil {
				t.Errorf("clogged %v: %v", clogged, err)
			}
		}
		go server.Close(websocket.StatusNormalClosure, "")
		if got, end := readAll(client); len(got) != 2 || websocket.CloseStatus(end) != websocket.StatusNormalClosure {
			t.Errorf("received %q, %v", got, end)
		}
	})
}

// A Receipt that is used again panics where that is done, and not in some goroutine
// that sends.
func TestAReceiptIsForOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, _ := queued(t, websocket.Queue{})
		clog(t, server)
		r, err := enqueue(server, websocket.Outgoing{Data: []byte("first")})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if recover() == nil {
				t.Error("want a panic for a Receipt that is waited for already")
			}
			server.CloseNow()
			if err, known := r.Outcome(); !known || err == nil {
				t.Errorf("the first message: %v, %v", err, known)
			}
		}()
		server.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Receipt: r})
	})
}

// Flush waits for the Writer that is open when it begins, and for what comes after
// that, and nothing of it is passed over meanwhile.
func TestFlushWaitsForAnOpenWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		w, err := server.Writer(bg, websocket.MessageText)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "written")
		server.Write(bg, websocket.MessageText, []byte("after"))
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if err := server.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an open Writer: %v", err)
		}
		flushed := make(chan error)
		go func() { flushed <- server.Flush(bg) }()
		synctest.Wait()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := <-flushed; err != nil {
			t.Error(err)
		}
		go server.Close(websocket.StatusNormalClosure, "")
		if got, _ := readAll(client); !slices.Equal(got, []string{"written", "after"}) {
			t.Errorf("received %q", got)
		}
	})
}

// A Flush to a slow peer holds nothing that a ping or a pong needs.
func TestPingsPassAFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := queued(t, websocket.Queue{})
		for range 1000 {
			server.Write(bg, websocket.MessageBinary, []byte(strings.Repeat("-", 1000)))
		}
		flushed, answered := make(chan error, 1), false
		go func() { flushed <- server.Flush(bg) }()
		synctest.Wait()
		go server.CloseRead(bg)
		go client.Ping(bg)
		go func() {
			server.Ping(bg)
			answered = true
		}()
		for range 1000 {
			if _, _, err := client.Read(bg); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if answered {
				break
			}
		}
		if len(flushed) > 0 || !answered {
			t.Errorf("flushed %d, ping answered %v", len(flushed), answered)
		}
		server.CloseNow()
		client.CloseNow()
		<-flushed
	})
}

// As for all methods that return an error, a nil context is one, and no panic.
func TestAReceiptWaitsForNoNilContext(t *testing.T) {
	var none context.Context
	var r websocket.Receipt
	if err := r.Wait(none); err == nil || !strings.Contains(err.Error(), "context is nil") {
		t.Error(err)
	}
	server, _ := queued(t, websocket.Queue{Bytes: 100})
	if err := server.Enqueue(within(t), websocket.Outgoing{Type: websocket.MessageText, Receipt: &r}); err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	if err := r.Wait(none); err != nil {
		t.Error("the outcome is known:", err)
	}
}

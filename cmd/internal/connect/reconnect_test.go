package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// linked is a link whose server a test plays: each attempt is answered by the next of
// these, with an error or by what it does to the connection.
func linked(t *testing.T, ctx context.Context, longest time.Duration, answers ...any) (*link, *[]string) {
	o := Default()
	o.Reconnect = longest
	notes := new([]string)
	attempt := 0
	return newLink(ctx, o, func(context.Context) (*conn, error) {
		attempt++
		if attempt > len(answers) {
			t.Fatal("one attempt too many")
		}
		if err, failed := answers[attempt-1].(error); failed {
			return nil, err
		}
		ours, theirs := net.Pipe()
		go answers[attempt-1].(func(net.Conn))(theirs)
		return newConn(ours, ws.Handshake{}, o), nil
	}, func(format string, args ...any) { *notes = append(*notes, fmt.Sprintf(format, args...)) }), notes
}

func refusal(status int, fields ...httpx.Field) error {
	return exit.With(exit.Refused, &ws.ResponseError{Status: status, Header: fields})
}

var errRefused = exit.With(exit.Unreachable, errors.New("connection refused"))

// says sends a message, and then does what is left.
func says(text string, rest func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		conn.Write(frame(ws.OpText, text))
		rest(conn)
	}
}

func vanishes(conn net.Conn) { conn.Close() }

func closesWith(code ws.StatusCode) func(net.Conn) {
	return func(conn net.Conn) {
		go discard(conn)
		conn.Write(closeFrame(code, ""))
	}
}

// answersClose waits for a close frame, and answers it.
func answersClose(conn net.Conn) {
	if _, err := ws.ReadFrame(conn); err == nil {
		conn.Write(closeFrame(1000, ""))
	}
}

// listening keeps the messages that come.
type listening struct {
	ignoring
	heard []string
}

func (l *listening) message(_ ws.OpCode, p []byte) error {
	l.heard = append(l.heard, string(p))
	return nil
}

func TestALostConnectionIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		l, notes := linked(t, t.Context(), 8*time.Second,
			errRefused, says("one", vanishes), errRefused, refusal(503), says("two", closesWith(1001)),
			says("three", closesWith(1011)), says("four", closesWith(1000)))
		if err := l.open(); err != nil {
			t.Fatal(err)
		}
		var h listening
		wantOutcome(t, "end", l.receive(&h), exit.OK)
		if got := strings.Join(h.heard, " "); got != "one two three four" {
			t.Errorf("got %q", got)
		}
		// Half a second, and twice as long each time, give or take a half.
		if took, mean := time.Since(begun), 23500*time.Millisecond; took < mean/2 || took > mean*3/2 {
			t.Errorf("it took %v", took)
		}
		if len(*notes) != 9 || !strings.HasPrefix((*notes)[0], "connection refused; connecting again in ") || (*notes)[8] != "connected again" {
			t.Errorf("notes: %q", *notes)
		}
	})
}

func TestAConnectionThatHasLastedMakesTheNextWaitShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var after []time.Time
		lasts := func(conn net.Conn) {
			after = append(after, time.Now())
			time.Sleep(2 * healthy)
			conn.Close()
		}
		l, _ := linked(t, t.Context(), time.Hour, lasts, lasts, lasts, lasts, lasts, closesWith(1000))
		l.open()
		wantOutcome(t, "end", l.receive(ignoring{}), exit.OK)
		for i := range after[1:] {
			if wait := after[i+1].Sub(after[i]) - 2*healthy; wait > 2*firstWait {
				t.Errorf("wait %d: %v", i, wait)
			}
		}
	})
}

func TestWhatIsSentMeanwhileWaitsForTheNextConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := make(chan string, 1)
		l, _ := linked(t, t.Context(), time.Second, vanishes, errRefused, func(conn net.Conn) {
			f, err := ws.ReadFrame(conn)
			if err != nil {
				t.Error(err)
			}
			got <- string(ws.UnmaskFrame(f).Payload)
			closesWith(1000)(conn)
		})
		l.open()
		ended := make(chan error, 1)
		go func() { ended <- l.receive(ignoring{}) }()
		synctest.Wait() // it is lost by now
		if err := l.send(ws.OpText, []byte("late")); err != nil || <-got != "late" {
			t.Errorf("error %v", err)
		}
		wantOutcome(t, "end", <-ended, exit.OK)
		if err := l.send(ws.OpText, []byte("too late")); err == nil {
			t.Error("sent after the end")
		}
	})
}

func TestTheUserEndsTheWait(t *testing.T) {
	for name, end := range map[string]func(*link, context.CancelFunc){
		"close":     func(l *link, _ context.CancelFunc) { l.close(ws.StatusNormalClosure, "") },
		"leave":     func(l *link, _ context.CancelFunc) { l.leave() },
		"interrupt": func(_ *link, cancel context.CancelFunc) { cancel() },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			l, _ := linked(t, ctx, time.Hour, vanishes)
			l.open()
			ended := make(chan error, 1)
			go func() { ended <- l.receive(ignoring{}) }()
			synctest.Wait()
			since := time.Now()
			end(l, cancel)
			wantOutcome(t, name, <-ended, exit.Lost)
			if took := time.Since(since); took != 0 {
				t.Errorf("%s: it took %v", name, took)
			}
		})
	}
}

func TestWhatAnotherAttemptDoesNotMendIsTheEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		theirs ws.StatusCode
		want   bool
	}{
		{"closed with 1000", nil, ws.StatusNormalClosure, false},
		{"closed without a code", nil, ws.StatusNoStatusRcvd, false},
		{"closed with 1001", nil, ws.StatusGoingAway, true},
		{"closed with 1013", exit.With(exit.ClosedBadly, closedError{1013, ""}), 1013, true},
		{"lost", exit.With(exit.Lost, errors.New("reset")), 0, true},
		{"too late", exit.With(exit.TimedOut, errors.New("late")), 0, true},
		{"not there", errRefused, 0, true},
		{"not trusted", exit.With(exit.Unreachable, &tls.CertificateVerificationError{}), 0, false},
		{"302", refusal(302), 0, false},
		{"401", refusal(401), 0, false},
		{"404", refusal(404), 0, false},
		{"429", refusal(429), 0, true},
		{"503", refusal(503), 0, true},
		{"bytes that are no WebSocket", exit.With(exit.BrokenRules, errors.New("bad")), 0, false},
		{"stdout is full", exit.With(exit.Failed, errors.New("no space")), 0, false},
		{"interrupted", exit.ErrInterrupted, 0, false},
	} {
		if got := mends(c.err, c.theirs); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

func TestTheWaitThatAServerAsksForIsHeeded(t *testing.T) {
	for value, want := range map[string]time.Duration{"7": 7 * time.Second, "0": 0, "86400": 0, "65000": time.Hour, "-1": 0, "soon": 0, "": 0} {
		if got := retryAfter(refusal(503, httpx.Field{Name: []byte("Retry-After"), Value: []byte(value)})); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestTheWaitThatACloseCodeAsksForIsHeeded(t *testing.T) {
	for _, c := range []struct {
		code                 ws.StatusCode
		longest, least, most time.Duration
	}{
		{1012, time.Minute, 5 * time.Second, 30 * time.Second},
		{1012, 6 * time.Second, time.Second, 6 * time.Second},
		{1013, time.Minute, 30 * time.Second, time.Minute},
		{1011, time.Minute, 0, 2 * firstWait},
	} {
		waits := make(map[time.Duration]bool)
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				l, _ := linked(t, t.Context(), c.longest, closesWith(c.code), closesWith(1000))
				if err := l.open(); err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				wantOutcome(t, "end", l.receive(ignoring{}), exit.OK)
				took := time.Since(begun)
				if waits[took] = true; took < c.least || took > c.most {
					t.Errorf("%d, at most %v: connected again after %v, want %v to %v", c.code, c.longest, took, c.least, c.most)
				}
			})
		}
		if len(waits) < 2 {
			t.Errorf("%d, at most %v: the wait is always %v", c.code, c.longest, waits)
		}
	}
}

func TestAScriptGoesOnOverSeveralConnections(t *testing.T) {
	var n atomic.Int64
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, fmt.Sprint(n.Add(1))))
		if n.Load() == 3 {
			answersClose(conn)
		}
	})
	o := Default()
	o.Reconnect, o.Pipe.Count = time.Millisecond, 3
	out, trace, err := runPipe(t, u, o, "")
	wantOutcome(t, "end", err, exit.OK)
	if out != "1\n2\n3\n" || strings.Count(trace, "wirews: connected again\n") != 2 {
		t.Errorf("%q; %q", out, trace)
	}
}

func TestAPersonStaysConnected(t *testing.T) {
	var n atomic.Int64
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		if n.Add(1) == 1 {
			return
		}
		conn.Write(frame(ws.OpText, "here again"))
		answersClose(conn)
	})
	o := Default()
	o.Reconnect = time.Millisecond
	p := sit(t, t.Context(), u, o)
	p.sees("; connecting again in ")
	p.sees("connected again")
	p.sees("< here again")
	p.types("/close\r")
	p.ends(exit.OK)
}

package wspoll_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// A peer that sends too much has to wait, on a loop or on workers, and then all of it
// is handled.
func TestAPeerIsHeldToItsRate(t *testing.T) {
	for _, workers := range []int{0, 2} {
		synctest.Test(t, func(t *testing.T) {
			s := &wspoll.Server{Rate: wsproto.Rate{Messages: 10}, Workers: workers, OnMessage: echo}
			l := serveIn(t, s)
			p, other := openIn(t, l), openIn(t, l)
			begun := time.Now()
			var all []byte
			for i := range 110 {
				all = append(all, text(fmt.Sprint(i))...)
			}
			p.send(all)
			synctest.Wait()
			other.send(text("hello"))
			other.want(ws.OpText, "hello") // is not held up
			if took := time.Since(begun); took != 0 {
				t.Errorf("the other one has waited for %v", took)
			}
			for i := range 110 {
				p.want(ws.OpText, fmt.Sprint(i))
			}
			if took := time.Since(begun).Round(100 * time.Millisecond); took < 9*time.Second || took > 11*time.Second {
				t.Errorf("110 messages at 10 a second took %v, want 10s after a burst of 10", took)
			}
		})
	}
}

func TestAPeerMayBeClosedForItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := make(ends, 1)
		s := &wspoll.Server{Rate: wsproto.Rate{Bytes: 100, Close: true}, OnClose: e.onClose}
		l := serveIn(t, s)
		p := openIn(t, l)
		for range 20 {
			p.Write(text(strings.Repeat("x", 50)))
		}
		if err := <-e; !errors.Is(err, wsproto.ErrOverRate) || err.Code != ws.StatusPolicyViolation {
			t.Errorf("it has ended for %v", err)
		}
	})
}

func TestConnectionsShareABudgetForMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := wsproto.NewBudget(400_000)
		e := make(ends, 2)
		s := &wspoll.Server{MessageBudget: b, OnMessage: echo, OnClose: e.onClose}
		l := serveIn(t, s)
		long := strings.Repeat("x", 300_000)
		first, second := openIn(t, l), openIn(t, l)
		first.send(frame(ws.OpBinary, false, long))
		synctest.Wait()
		if used := b.Used(); used < 250_000 || used > 300_000 {
			t.Errorf("%d bytes are counted of a message of 300,000", used)
		}
		first.send(frame(ws.OpPing, true, "?"))
		first.want(ws.OpPong, "?")
		if used := b.Used(); used < 250_000 {
			t.Errorf("%d bytes are counted after a ping inside the message", used)
		}
		second.Write(frame(ws.OpBinary, false, long))
		if err := <-e; !errors.Is(err, wsproto.ErrOverBudget) || err.Code != ws.StatusTryAgainLater {
			t.Errorf("it has ended for %v", err)
		}
		first.send(frame(ws.OpContinuation, true, "y"))
		first.want(ws.OpBinary, long+"y")
		synctest.Wait()
		if used := b.Used(); used != 0 {
			t.Errorf("%d bytes are counted after the message", used)
		}
		first.send(frame(ws.OpBinary, false, long))
		synctest.Wait()
		first.Close()
		<-e
		synctest.Wait()
		if used := b.Used(); used != 0 {
			t.Errorf("%d bytes are counted after the end", used)
		}
	})
}

package serve_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

func (p peer) wantTick(n int64, at time.Time) {
	p.t.Helper()
	var tick struct {
		N    int64
		Time time.Time
	}
	if err := json.Unmarshal(p.text("tick"), &tick); err != nil || tick.N != n || !tick.Time.Equal(at) {
		p.t.Errorf("tick %+v, error %v; want %d at %v", tick, err, n, at)
	}
}

func TestTheTimeComesAtTheRateThatWasAskedFor(t *testing.T) {
	for query, every := range map[string]time.Duration{
		"":            time.Second,
		"?rate=":      time.Second,
		"?rate=4":     250 * time.Millisecond,
		"?rate=0.1":   10 * time.Second,
		"?rate=1000":  time.Millisecond,
		"?rate=0.001": 1000 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := serve.Default()
			o.Keepalive = 0
			p := startOnPipes(t, o).connectTo(t, "/time"+query)
			for n, at := int64(1), time.Now(); n <= 10; n++ {
				p.wantTick(n, at)
				at = at.Add(every)
			}
			p.Close()
			synctest.Wait()
		})
	}
}

func TestARateThatCannotBeIsRefused(t *testing.T) { eachWay(t, testARateThatCannotBeIsRefused) }

func testARateThatCannotBeIsRefused(t *testing.T, o serve.Options) {
	s := start(t, o)
	for _, rate := range []string{"0", "-1", "0.0009", "1001", "NaN", "Inf", "fast", "1%2C5"} {
		if resp, body := s.get(t, "/time?rate="+rate, nil); resp.StatusCode != 400 || body == "" {
			t.Errorf("rate %s: status %d with %q, want 400", rate, resp.StatusCode, body)
		}
	}
}

// What was not taken in time is left out, not sent late.
func TestASlowReaderOfTheTimeGetsLessOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive, o.WriteTimeout = 0, 0
		p := startOnPipes(t, o).connectTo(t, "/time?rate=100")
		p.wantTick(1, time.Now())
		synctest.Wait()
		asleep := time.Now()
		time.Sleep(time.Hour)
		p.wantTick(2, asleep.Add(10*time.Millisecond)) // which had been on its way
		p.wantTick(3, time.Now())
		p.Close()
		synctest.Wait()
	})
}

func TestWhoReadsNothingOfTheTimeIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive, o.WriteTimeout = 0, time.Minute
		p := startOnPipes(t, o).connectTo(t, "/time")
		time.Sleep(time.Minute - 1)
		// A pipe holds nothing: a byte is taken only by a server that reads.
		if _, err := p.Write(masked(ws.OpText, true, "")); err != nil {
			t.Errorf("given up too early: %v", err)
		}
		time.Sleep(2 * time.Nanosecond)
		if _, err := p.Write(masked(ws.OpText, true, "")); err == nil {
			t.Error("not given up")
		}
	})
}

func TestTheTimeTakesWhatItIsSentAndIsClosedByItsPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startOnPipes(t, serve.Default()).connectTo(t, "/time?rate=0.001")
		p.wantTick(1, time.Now())
		p.send(join(masked(ws.OpText, true, "and now?"), masked(ws.OpBinary, true, "\x00"), closing(4321, "enough")))
		p.wantClose("end", 4321, "enough")
	})
}

package endpoint

import (
	"math"
	"testing"
	"time"

	"github.com/wirews/wirews/wsproto"
)

const s = time.Second

// moment is what happens to an Alive at a time, or what it is to say then.
type moment struct {
	at   time.Duration
	what string // wait, rest, hear or look
	want Verdict
	next time.Duration
}

func TestAliveSaysWhenToPingAndWhenThePeerIsGone(t *testing.T) {
	both := wsproto.KeepAlive{Interval: 10 * s, Timeout: 4 * s}
	for _, tc := range []struct {
		name    string
		k       wsproto.KeepAlive
		moments []moment
	}{
		{"a ping once, then the end", both, []moment{
			{5 * s, "wait", 0, 0}, {6 * s, "look", Fine, 15 * s}, {15*s - 1, "look", Fine, 15 * s},
			{15 * s, "look", PingDue, 19 * s}, {15 * s, "look", Fine, 19 * s}, {19*s - 1, "look", Fine, 19 * s},
			{19 * s, "look", Gone, 19 * s}, {30 * s, "look", Gone, 30 * s}}},
		{"any byte is life", both, []moment{
			{0, "wait", 0, 0}, {9 * s, "hear", 0, 0}, {10 * s, "look", Fine, 19 * s}, {19 * s, "look", PingDue, 23 * s},
			{23*s - 1, "hear", 0, 0}, {23 * s, "look", Fine, 33*s - 1}, {33*s - 1, "look", PingDue, 37*s - 1}, {37*s - 1, "look", Gone, 37*s - 1}}},
		{"times before zero", both, []moment{
			{-time.Hour, "wait", 0, 0}, {-time.Hour + s, "look", Fine, -time.Hour + 10*s}, {-time.Hour + 10*s, "look", PingDue, -time.Hour + 14*s}}},
		{"all of Timeout, however late the ping is", both, []moment{
			{0, "wait", 0, 0}, {time.Hour, "look", PingDue, time.Hour + 4*s}, {time.Hour + 4*s - 1, "look", Fine, time.Hour + 4*s}, {time.Hour + 4*s, "look", Gone, time.Hour + 4*s}}},
		{"silence counts only while something waits", both, []moment{
			{0, "look", Fine, 10 * s}, {time.Hour, "look", Fine, time.Hour + 10*s},
			{time.Hour, "wait", 0, 0}, {time.Hour + s, "rest", 0, 0}, {2 * time.Hour, "look", Fine, 2*time.Hour + 10*s},
			{2 * time.Hour, "wait", 0, 0}, {2*time.Hour + 10*s, "look", PingDue, 2*time.Hour + 14*s}}},
		{"to wait twice is to wait", both, []moment{{0, "wait", 0, 0}, {9 * s, "wait", 0, 0}, {10 * s, "look", PingDue, 14 * s}}},
		{"a ping does not count against a new wait", both, []moment{
			{0, "wait", 0, 0}, {10 * s, "look", PingDue, 14 * s}, {11 * s, "rest", 0, 0}, {14 * s, "look", Fine, 24 * s},
			{20 * s, "wait", 0, 0}, {20 * s, "look", Fine, 30 * s}, {30 * s, "look", PingDue, 34 * s}}},
		{"Timeout is as Interval", wsproto.KeepAlive{Interval: 10 * s}, []moment{
			{0, "wait", 0, 0}, {10 * s, "look", PingDue, 20 * s}, {20*s - 1, "look", Fine, 20 * s}, {20 * s, "look", Gone, 20 * s}}},
		{"no pings without an Interval", wsproto.KeepAlive{Timeout: s}, []moment{
			{0, "wait", 0, 0}, {0, "look", Fine, math.MaxInt64}, {time.Hour, "look", Fine, math.MaxInt64}}},
		{"a time that never comes", wsproto.KeepAlive{Interval: s, Timeout: math.MaxInt64}, []moment{
			{0, "wait", 0, 0}, {s, "look", PingDue, math.MaxInt64}, {time.Hour, "look", Fine, math.MaxInt64}}},
		{"nor this one", wsproto.KeepAlive{Interval: math.MaxInt64}, []moment{{s, "look", Fine, math.MaxInt64}, {s, "wait", 0, 0}, {2 * s, "look", Fine, math.MaxInt64}}},
	} {
		var a Alive
		for _, m := range tc.moments {
			switch m.what {
			case "wait":
				a.Wait(m.at)
			case "rest":
				a.Rest()
			case "hear":
				a.Hear(m.at)
			case "look":
				if v, next := a.Look(tc.k, m.at); v != m.want || next != m.next {
					t.Errorf("%s: at %v: %d, look again at %v, want %d, %v", tc.name, m.at, v, next, m.want, m.next)
				}
			}
		}
	}
}

// FuzzAlive: at random times, a ping is due only after Interval of silence and
// once, and the peer is gone only Timeout after a ping.
func FuzzAlive(f *testing.F) {
	f.Add([]byte{0, 0, 3, 100, 3, 100, 3, 50}, uint16(100), uint16(50))
	f.Add([]byte{0, 0, 3, 255, 2, 10, 3, 99, 1, 1, 3, 255, 0, 0, 3, 255}, uint16(20), uint16(0))
	f.Add([]byte{3, 1, 0, 1, 3, 1}, uint16(0), uint16(7))
	f.Fuzz(func(t *testing.T, steps []byte, interval, timeout uint16) {
		k := wsproto.KeepAlive{Interval: time.Duration(interval), Timeout: time.Duration(timeout)}
		patience := k.Timeout
		if patience == 0 {
			patience = k.Interval
		}
		var a Alive
		var now, heard, ping time.Duration
		waiting, pinged := false, false
		for ; len(steps) >= 2; steps = steps[2:] {
			now += time.Duration(steps[1])
			switch steps[0] % 4 {
			case 0:
				if a.Wait(now); !waiting {
					waiting, pinged, heard = true, false, now
				}
			case 1:
				a.Rest()
				waiting = false
			case 2:
				a.Hear(now)
				heard, pinged = now, false
			case 3:
				v, next := a.Look(k, now)
				want := Fine
				switch {
				case !waiting || interval == 0:
				case pinged && now >= ping+patience:
					want = Gone
				case !pinged && now >= heard+k.Interval:
					want, pinged, ping = PingDue, true, now
				}
				if v != want {
					t.Fatalf("at %d: %d, want %d", now, v, want)
				}
				if next < now || v != Gone && next == now {
					t.Fatalf("at %d: look again at %d, want later", now, next)
				}
				// Nothing is due before that.
				if ahead := a; v != Gone && next < math.MaxInt64 {
					if v, _ := ahead.Look(k, next-1); v != Fine && next-1 > now {
						t.Fatalf("at %d, look again at %d: %d is due before", now, next, v)
					}
				}
			}
			if a.Heard() != heard {
				t.Fatalf("at %d: heard at %d, want %d", now, a.Heard(), heard)
			}
		}
	})
}

package endpoint

import (
	"testing"
	"time"

	"github.com/wirews/wirews/wsproto"
)

func TestAPaceHoldsAPeerToARate(t *testing.T) {
	const ms = time.Millisecond
	type step struct {
		at              time.Duration
		messages, bytes int
		until           time.Duration // 0: no time
	}
	for name, tc := range map[string]struct {
		rate  wsproto.Rate
		steps []step
	}{
		"none":             {wsproto.Rate{}, []step{{0, 1000, 1 << 30, 0}, {0, 1, 1, 0}}},
		"messages":         {wsproto.Rate{Messages: 10}, []step{{0, 10, 1 << 30, 0}, {0, 1, 0, 100 * ms}, {50 * ms, 1, 0, 200 * ms}, {time.Second, 1, 0, 0}}},
		"bytes":            {wsproto.Rate{Bytes: 1000}, []step{{0, 1 << 20, 1000, 0}, {0, 0, 1, ms}, {0, 0, 999, time.Second}}},
		"both":             {wsproto.Rate{Messages: 10, Bytes: 1000}, []step{{0, 11, 1500, 500 * ms}, {0, 6, 0, 700 * ms}}},
		"a long burst":     {wsproto.Rate{Messages: 10, Burst: 10 * time.Second}, []step{{0, 100, 0, 0}, {0, 1, 0, 100 * ms}}},
		"a short one":      {wsproto.Rate{Messages: 10, Burst: ms}, []step{{0, 1, 0, 0}, {0, 1, 0, 100 * ms}}}, // one message may always come
		"one in a while":   {wsproto.Rate{Messages: 0.1}, []step{{0, 1, 0, 0}, {0, 1, 0, 10 * time.Second}, {10 * time.Second, 0, 0, 0}}},
		"hardly any":       {wsproto.Rate{Messages: 1e-300, Bytes: 1e-300}, []step{{0, 1, 0, 0}, {0, 0, 1, century - time.Second}}},
		"negative is none": {wsproto.Rate{Messages: -1, Bytes: -1}, []step{{0, 1000, 1000, 0}}},
	} {
		for _, begin := range []time.Duration{0, time.Hour, -26 * 365 * 24 * time.Hour} {
			var p Pace
			for i, s := range tc.steps {
				now := begin + s.at
				if until, late := p.Until(); late && until <= now {
					p.Waited()
				}
				p.Count(&tc.rate, s.messages, s.bytes, now)
				if until, late := p.Until(); late != (s.until != 0) || late && until != begin+s.until {
					t.Errorf("%s, step %d: until %v, %v; want %v", name, i, until-begin, late, s.until)
				}
			}
		}
	}
}

func TestOneMessageMayAlwaysCome(t *testing.T) {
	for d := time.Second; d < 20*time.Second; d += time.Millisecond {
		var p Pace
		p.Count(&wsproto.Rate{Messages: 1 / d.Seconds(), Burst: 1}, 1, 0, 0)
		if until, late := p.Until(); late {
			t.Fatalf("one message each %v: the first one is %v too early", d, until)
		}
	}
}

package bench

import (
	"testing"

	"github.com/wirews/wirews/ws"
)

const (
	ms     = int64(1e6)
	second = 1000 * ms
)

func TestDueIsTheInverseOfAt(t *testing.T) {
	for _, rate := range []float64{0.5, 3, 1000, 1e6 / 7, 1e8} {
		for _, connections := range []int{1, 3, 1000} {
			p := &pace{start: 12345, end: 12345 + 10*second, rate: rate, connections: connections}
			for id := 0; id < connections; id += 1 + connections/5 {
				for _, m := range []int64{0, 1, 2, 100} {
					at := p.at(id, m)
					if at >= p.end {
						continue
					}
					before, then := p.due(id, at-1), p.due(id, at)
					if before > m || then < m+1 {
						t.Errorf("rate %g, connection %d of %d: message %d is due at %d; %d are before, %d then", rate, id, connections, m, at, before, then)
					}
				}
				last := p.due(id, p.end+second)
				if last > 0 && p.at(id, last-1) >= p.end || p.at(id, last) < p.end {
					t.Errorf("rate %g, connection %d of %d: %d are due in all", rate, id, connections, last)
				}
			}
		}
	}
}

// Connections take their turns when their messages are due, however late the
// loop is, and from whichever message on it has begun.
func TestTurnsComeWhenMessagesAreDue(t *testing.T) {
	for _, ids := range [][]int{{0}, {0, 1, 2, 3}, {1, 4, 7, 10}, {2, 3}} {
		p := &pace{start: 500 * ms, end: 10 * second, rate: 1000, connections: 11}
		turns := turns{pace: p, ids: ids}
		sent := make(map[int]int64)
		last := int64(0)
		for now := p.start + 3*ms; now < 2*second; {
			i, wait := turns.next(now)
			if wait > 0 {
				for _, id := range ids {
					if at := p.at(id, sent[id]); at <= now || at < now+wait {
						t.Fatalf("%v: at %d, %d ns are waited, but message %d of connection %d is due at %d", ids, now, wait, sent[id], id, at)
					}
				}
				if now += wait; now > second && now < second+50*ms {
					now += 100 * ms // a stall
				}
				continue
			}
			id := ids[i]
			at := p.at(id, sent[id])
			if at > now || at < last {
				t.Fatalf("%v: at %d it is the turn of connection %d, whose message is due at %d, after one of %d", ids, now, id, at, last)
			}
			last = at
			sent[id]++
		}
		for _, id := range ids {
			if want := p.due(id, 2*second-1); sent[id] != want {
				t.Errorf("%v: connection %d had %d turns of %d", ids, id, sent[id], want)
			}
		}
	}
}

// answer makes the echo of the next n messages of a link.
func answer(l *link, n int) (b []byte) {
	for i := range n {
		b = ws.AppendFrame(b, ws.NewBinaryFrame(l.in.script.plain[(l.in.want+i)%len(l.in.script.plain)]))
	}
	return b
}

// A server answers within a millisecond, but stalls for the second of ten
// seconds. With 100 messages a second on one connection, a tenth of them have to
// wait: for half a second on the average, not just the one that was under way.
func TestAStallCountsForAllThatWereDueInIt(t *testing.T) {
	o := testOptions(func(o *Options) { o.Rate = 100 })
	sink := newRecorder()
	l := newLink(0, newScript(o), o, sink)
	p := &plan{start: 0, from: 0, to: 10 * second, pace: &pace{start: 0, end: 10 * second, rate: 100, connections: 1}}
	sink.window(p.from, p.to, nil)
	l.follow(p)
	pending := 0
	for now := int64(0); now < 10*second; now += 10 * ms {
		before := l.sent
		l.issue(now)
		pending += int(l.sent - before)
		if now >= second && now < 2*second {
			continue
		}
		if err := l.received(answer(&l, pending), nil, now+ms); err != nil {
			t.Fatal(err)
		}
		pending = 0
	}
	all, late := newHistogram(), newHistogram()
	if n := sink.collect(all, late); n != 1000 || all.TotalCount() != 1000 || l.missing() != 0 {
		t.Fatalf("%d answers, %d timed, %d missing; want 1000, 1000, 0", n, all.TotalCount(), l.missing())
	}
	for _, c := range []struct {
		percent  float64
		from, to int64
	}{{50, ms, ms}, {89, ms, ms}, {95, 495 * ms, 515 * ms}, {99, 895 * ms, 915 * ms}, {100, 1001 * ms, 1001 * ms}} {
		got := all.ValueAtPercentile(c.percent)
		if got < c.from || float64(got) > float64(c.to)*1.001 {
			t.Errorf("p%g is %d, want %d to %d", c.percent, got, c.from, c.to)
		}
	}
	if late.TotalCount() != 1000 || late.Max() != 0 {
		t.Errorf("%d messages left late, by up to %d; none did", late.TotalCount(), late.Max())
	}
}

func TestABoundKeepsMessagesBackButNotTheirClock(t *testing.T) {
	o := testOptions(func(o *Options) { o.Rate, o.InFlight = 1000, 2 })
	sink := newRecorder()
	l := newLink(0, newScript(o), o, sink)
	p := &plan{to: second, pace: &pace{end: second, rate: 1000, connections: 1}}
	sink.window(0, second, nil)
	l.follow(p)
	l.issue(100 * ms)
	if l.sent != 2 || l.missing() != 1000 {
		t.Fatalf("%d sent, %d missing; want 2 and all 1000", l.sent, l.missing())
	}
	for l.missing() > 0 { // after the end, too
		if err := l.received(answer(&l, 1), nil, 2*second); err != nil {
			t.Fatal(err)
		}
		l.issue(2 * second)
	}
	all, late := newHistogram(), newHistogram()
	sink.collect(all, late)
	if got := all.ValueAtPercentile(50); l.sent != 1000 || float64(got) < 1.499e9 || float64(got) > 1.503e9 {
		t.Errorf("%d sent, p50 %d; want 1000 and 1.5 s", l.sent, got)
	}
	if late.Max() < 1990*ms {
		t.Errorf("the last message left %d ns late, want 2 s", late.Max())
	}
}

func TestAClosedLoopKeepsTheMessagesInFlight(t *testing.T) {
	o := testOptions(func(o *Options) { o.InFlight = 4 })
	sink := newRecorder()
	l := newLink(3, newScript(o), o, sink)
	sink.window(0, second, nil)
	l.follow(&plan{to: second})
	l.issue(0)
	for i, c := range []struct{ at, answers, sent int64 }{{5 * ms, 1, 5}, {7 * ms, 3, 8}, {8 * ms, 0, 8}, {second, 2, 8}, {2 * second, 2, 8}} {
		if err := l.received(answer(&l, int(c.answers)), nil, c.at); err != nil {
			t.Fatal(err)
		}
		if l.issue(c.at); l.sent != c.sent {
			t.Errorf("step %d: %d sent, want %d", i, l.sent, c.sent)
		}
	}
	all, late := newHistogram(), newHistogram()
	if n := sink.collect(all, late); n != 8 || l.missing() != 0 {
		t.Errorf("%d answers, %d missing", n, l.missing())
	}
	// 5, 7, 7, 7 of the first four; then those of 5 and 7, at one and two seconds.
	if m := all.Max(); float64(m) < 1.99*float64(second) || all.Min() < 4990*1000 || all.Min() > 5010*1000 {
		t.Errorf("from %d to %d ns", all.Min(), m)
	}
	if err := l.received(answer(&l, 1), nil, second); err == nil {
		t.Error("an answer that nobody has asked for was taken")
	}
}

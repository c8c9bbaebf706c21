package bench

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wirews/wirews/cmd/internal/process"
)

func (b *bench) memory() (process.Memory, error) {
	if b.o.PID == 0 {
		return process.Memory{}, nil
	}
	m, err := process.MemoryOf(b.o.PID)
	if err != nil {
		err = fmt.Errorf("process %d: %w", b.o.PID, err)
	}
	return m, err
}

// snapshot is what has happened up to a time.
type snapshot struct {
	at             int64
	messages       int64
	server, client process.Usage
	busy           int64
}

// snapshot is complete but for the server's part if that has ended.
func (b *bench) snapshot() (s snapshot, err error) {
	if b.o.PID != 0 {
		s.server, err = process.UsageOf(b.o.PID)
	}
	s.client, _ = process.UsageOf(os.Getpid())
	s.busy, s.at, s.messages = process.Busy(), b.now(), b.collect()
	return s, err
}

// collect gathers what the recorders have, and returns the number of answers.
func (b *bench) collect() (messages int64) { return b.gather(newHistogram()).messages }

// begin gives the drivers their plan.
func (b *bench) begin(warmup, duration time.Duration) *plan {
	start := b.now() + int64(5*time.Millisecond)
	p := &plan{start: start, from: start + int64(warmup)}
	p.to = p.from + int64(duration)
	p.giveUp = p.to + int64(b.o.Timeout)
	if b.o.openLoop() {
		p.pace = &pace{start: start, end: p.to, rate: b.o.Rate, connections: b.o.Connections, stages: b.o.Stages}
		if b.o.Mode.inRooms() {
			p.pace.connections = 1 // they speak in turn
		}
	}
	for _, r := range b.recorders {
		r.window(p.from, p.to, b.o.Stages)
	}
	b.plan.Store(p)
	return p
}

// measure sends for a while and compares what was before with what is after.
func (b *bench) measure(before process.Memory) error {
	p := b.begin(b.o.Warmup, b.o.Duration)
	b.sleep(p.from)
	first, err := b.snapshot()
	if err != nil {
		return err
	}
	b.watch(first, p)
	b.conclude(first, func(s *Process, now process.Memory) {
		s.ResidentBefore, s.Resident, s.Peak = before.Resident, now.Resident, now.Peak
	})
	return nil
}

// The charts have so many points, and progress is shown so often, in
// nanoseconds.
const (
	points   = 40
	showTime = int64(250 * time.Millisecond)
)

// watch follows a run to its end: it shows progress, and makes the points of the
// charts.
func (b *bench) watch(first snapshot, p *plan) {
	step := max((p.to-first.at)/points, showTime)
	b.first, b.point = first, first
	for now := first; now.at < p.to && !b.stop.Load(); {
		b.sleep(min(now.at+showTime, p.to))
		last := now
		recent := newHistogram()
		now = b.gather(recent)
		b.progress.Measuring(time.Duration(now.at-p.from), time.Duration(p.to-p.from), now.rate(last), time.Duration(recent.ValueAtPercentile(99)))
		if length := now.at - b.point.at; length >= step-showTime/2 || now.at >= p.to && length >= step/2 {
			b.result.Series = append(b.result.Series, b.second(now))
		}
	}
}

// second returns the point of a chart that ends now.
func (b *bench) second(now snapshot) Second {
	s := Second{
		At: float64(now.at-b.first.at) / 1e9, PerSecond: math.Round(now.rate(b.point)),
		P50: b.part.ValueAtPercentile(50), P99: b.part.ValueAtPercentile(99), Max: b.part.Max(),
	}
	b.point = now
	b.part.Reset()
	return s
}

// end makes a point of what came after the last one, so that the worst of all
// answers is the worst of a point too.
func (b *bench) end() {
	now := b.gather(newHistogram())
	b.result.answered = now.messages > 0
	if b.part.TotalCount() == 0 {
		return
	}
	s := b.second(now)
	s.Rest = true
	b.result.Series = append(b.result.Series, s)
}

// gather moves what has been timed since the last time to recent.
func (b *bench) gather(recent *hdrhistogram.Histogram) snapshot {
	late := newHistogram()
	now := snapshot{at: b.now()}
	for _, r := range b.recorders {
		now.messages += r.collect(recent, late)
	}
	b.latency.Merge(recent)
	b.part.Merge(recent)
	b.lateness.Merge(late)
	return now
}

// rate returns messages a second since another snapshot.
func (s snapshot) rate(since snapshot) float64 {
	return float64(s.messages-since.messages) * 1e9 / float64(max(s.at-since.at, 1))
}

// deserted reports whether every connection has failed.
func (b *bench) deserted() bool {
	f := b.failures.sum()
	return f.Refused+f.Wrong+f.Ended >= b.o.Connections
}

// conclude computes the figures of the time since a snapshot. It calls remember
// for those of the server's memory, unless the server has ended meanwhile.
func (b *bench) conclude(first snapshot, remember func(s *Process, now process.Memory)) {
	memory, lost := b.memory()
	end, err := b.snapshot()
	gone := lost != nil || err != nil
	if gone {
		b.failures.end(b.o.PID)
	}
	r := &b.result
	r.Seconds = float64(end.at-first.at) / 1e9
	r.Messages = end.messages - first.messages
	r.PerSecond = float64(r.Messages) / r.Seconds
	if b.o.Mode == Echo || b.o.Mode.inRooms() {
		r.Megabytes = r.PerSecond * float64(b.o.Size) / 1e6
	}
	server, client := end.server.Since(first.server), end.client.Since(first.client)
	known := b.o.PID != 0 && !gone
	if known {
		r.Server = perMessage(b.o.PID, server, r.Messages, r.Seconds)
		remember(r.Server, memory)
	}
	if client.CPU > 0 {
		r.Client = perMessage(0, client, r.Messages, r.Seconds)
		if known {
			r.Others = max(0, float64(end.busy-first.busy-server.CPU-client.CPU)/1e9/r.Seconds)
		}
	}
}

// hold sends one message on each connection, and looks at the server's memory
// before it, and after holding the connections for a while.
func (b *bench) hold(before process.Memory) error {
	b.sleep(b.now() + int64(b.o.Warmup))
	fresh, err := b.memory()
	if err != nil {
		return err
	}
	first, err := b.snapshot()
	if err != nil {
		return err
	}
	p := b.begin(0, b.o.Duration)
	b.watch(first, p)
	b.conclude(first, func(s *Process, now process.Memory) {
		n := float64(max(b.open.Load(), 1))
		s.ResidentBefore, s.Resident, s.Peak = before.Resident, now.Resident, now.Peak
		s.PerConnection = float64(fresh.Resident-before.Resident) / n
		s.PerConnectionUsed = float64(now.Resident-before.Resident) / n
	})
	return nil
}

// sleep waits for a time of the run's clock, or for its end, which it is too
// when every connection is gone.
func (b *bench) sleep(until int64) {
	for now := b.now(); now < until && !b.stop.Load(); now = b.now() {
		if b.deserted() {
			b.stop.Store(true)
			return
		}
		time.Sleep(time.Duration(min(until-now, int64(50*time.Millisecond))))
	}
}

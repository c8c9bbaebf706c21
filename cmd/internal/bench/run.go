package bench

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Progress is told how far a run is.
type Progress interface {
	// Connecting is called while connections open.
	Connecting(open, of int)
	// Measuring is called several times a second.
	Measuring(done, of time.Duration, perSecond float64, p99 time.Duration)
	// End is called when there is no more to come.
	End()
}

// bench is a run.
type bench struct {
	*shared
	progress  Progress
	drivers   []driver
	recorders []*recorder
	result    Result

	latency, lateness *hdrhistogram.Histogram
}

// Run does what o says. A Result is there too if the server has failed in some
// way, and if ctx ended the run.
func Run(ctx context.Context, o Options, progress Progress) (*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	raiseLimit()
	o.Loops = min(o.Loops, o.Connections)
	if o.overEpoll() {
		// A loop keeps its processor of the scheduler, even while it waits: there
		// has to be one more for all the rest, however few the machine has.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + o.Loops))
	}
	s := &shared{o: o, script: newScript(o), epoch: time.Now()}
	b := &bench{shared: s, progress: progress, latency: newHistogram(), lateness: newHistogram()}
	b.result = Result{Label: o.Label, Begun: s.epoch, Setup: o.setup()}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	defer progress.End()
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	b.result.Failures = b.failures.sum()
	b.result.Latency, b.result.Spread = latencyOf(b.latency), spreadOf(b.latency)
	if o.Rate > 0 {
		late := latencyOf(b.lateness)
		b.result.Lateness = &late
	}
	return &b.result, nil
}

// prepare makes the drivers.
func (b *bench) prepare(ctx context.Context) error {
	o := b.o
	port := o.URL.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[o.URL.Scheme]
	}
	addr, err := new(net.Resolver).LookupNetIP(ctx, "ip", o.URL.Hostname())
	if err != nil {
		return err
	}
	// IPv4 first: servers that listen on localhost often have nothing else.
	slices.SortStableFunc(addr, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	b.address = net.JoinHostPort(addr[0].Unmap().String(), port)
	to, err := net.ResolveTCPAddr("tcp", b.address)
	if err != nil {
		return err
	}
	for i := range o.Loops {
		var ids []int
		for id := i; id < o.Connections; id += o.Loops {
			ids = append(ids, id)
		}
		r := newRecorder()
		b.recorders = append(b.recorders, r)
		if !o.overEpoll() {
			b.drivers = append(b.drivers, newThreads(b.shared, ids, r))
			continue
		}
		l, err := newLoop(b.shared, ids, r, to.AddrPort())
		if err != nil {
			return err
		}
		b.drivers = append(b.drivers, l)
	}
	return nil
}

// run runs the drivers through the phases.
func (b *bench) run(ctx context.Context) error {
	before, err := b.memory()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { b.stop.Store(true) })()
	var drivers, opening sync.WaitGroup
	opening.Add(len(b.drivers))
	for _, d := range b.drivers {
		drivers.Go(func() { d.run(sync.OnceFunc(opening.Done)) })
	}
	b.awaitOpening(&opening)
	b.result.ConnectSeconds = float64(b.now()) / 1e9
	if b.o.Mode != Handshake && b.open.Load() == 0 {
		b.stop.Store(true)
	}
	switch {
	case b.stop.Load():
	case b.o.Mode == Idle:
		err = b.hold(before)
	default:
		err = b.measure(before)
	}
	if err != nil {
		b.stop.Store(true)
	}
	drivers.Wait()
	b.collect() // what came after the end
	b.result.Stopped = ctx.Err() != nil
	return err
}

func (b *bench) awaitOpening(opening *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		opening.Wait()
		close(done)
	}()
	for {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Millisecond):
			b.progress.Connecting(int(b.open.Load()), b.o.Connections)
		}
	}
}

func (b *bench) memory() (memory, error) {
	if b.o.PID == 0 {
		return memory{}, nil
	}
	return memoryOf(b.o.PID)
}

// snapshot is what has happened up to a time.
type snapshot struct {
	at             int64
	messages       int64
	server, client usage
	busy           int64
}

func (b *bench) snapshot() (s snapshot, err error) {
	if b.o.PID != 0 {
		if s.server, err = usageOf(b.o.PID); err != nil {
			return s, err
		}
	}
	s.client, _ = usageOf(os.Getpid())
	s.busy, s.at, s.messages = busy(), b.now(), b.collect()
	return s, nil
}

// collect gathers what the recorders have, and returns the number of answers.
func (b *bench) collect() (messages int64) {
	for _, r := range b.recorders {
		messages += r.collect(b.latency, b.lateness)
	}
	return messages
}

// begin gives the drivers their plan.
func (b *bench) begin(warmup, duration time.Duration) *plan {
	start := b.now() + int64(5*time.Millisecond)
	p := &plan{start: start, from: start + int64(warmup)}
	p.to = p.from + int64(duration)
	p.giveUp = p.to + int64(b.o.Timeout)
	if b.o.Rate > 0 {
		p.pace = &pace{start: start, end: p.to, rate: b.o.Rate, connections: b.o.Connections}
	}
	for _, r := range b.recorders {
		r.window(p.from, p.to)
	}
	b.plan.Store(p)
	return p
}

// parts is how many points the charts have.
const parts = 40

// measure sends for a while and compares what was before with what is after.
func (b *bench) measure(before memory) error {
	p := b.begin(b.o.Warmup, b.o.Duration)
	b.sleep(p.from)
	first, err := b.snapshot()
	if err != nil {
		return err
	}
	last := first
	step := max((p.to-first.at)/parts, int64(250*time.Millisecond))
	for last.at < p.to-step/2 && !b.stop.Load() {
		b.sleep(min(last.at+step, p.to))
		last = b.part(first, last, p)
	}
	end, err := b.snapshot()
	if err != nil {
		return err
	}
	b.conclude(first, end)
	after, err := b.memory()
	if err == nil && b.result.Server != nil {
		b.result.Server.ResidentBefore, b.result.Server.Resident, b.result.Server.Peak = before.resident, after.resident, after.peak
	}
	return err
}

// part adds what has come since the last point to the charts.
func (b *bench) part(first, last snapshot, p *plan) snapshot {
	part, late := newHistogram(), newHistogram()
	now := snapshot{at: b.now()}
	for _, r := range b.recorders {
		now.messages += r.collect(part, late)
	}
	b.latency.Merge(part)
	b.lateness.Merge(late)
	rate := float64(now.messages-last.messages) * 1e9 / float64(max(now.at-last.at, 1))
	b.result.Series = append(b.result.Series, Second{
		At: float64(now.at-first.at) / 1e9, PerSecond: math.Round(rate),
		P50: part.ValueAtPercentile(50), P99: part.ValueAtPercentile(99), Max: part.Max(),
	})
	b.progress.Measuring(time.Duration(now.at-p.from), time.Duration(p.to-p.from), rate, time.Duration(part.ValueAtPercentile(99)))
	return now
}

// conclude computes the figures of the time between two snapshots.
func (b *bench) conclude(first, end snapshot) {
	r := &b.result
	r.Seconds = float64(end.at-first.at) / 1e9
	r.Messages = end.messages - first.messages
	r.PerSecond = float64(r.Messages) / r.Seconds
	if b.o.Mode == Echo {
		r.Megabytes = r.PerSecond * float64(b.o.Size) / 1e6
	}
	server, client := end.server.since(first.server), end.client.since(first.client)
	if b.o.PID != 0 {
		r.Server = process(b.o.PID, server, r.Messages, r.Seconds)
	}
	if client.cpu > 0 {
		r.Client = process(0, client, r.Messages, r.Seconds)
		if b.o.PID != 0 {
			r.Others = max(0, float64(end.busy-first.busy-server.cpu-client.cpu)/1e9/r.Seconds)
		}
	}
}

// hold sends one message on each connection, and looks at the server's memory
// before it, and after holding the connections for a while.
func (b *bench) hold(before memory) error {
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
	for now := first; now.at < p.to && !b.stop.Load(); {
		b.sleep(min(now.at+int64(250*time.Millisecond), p.to))
		now = b.part(first, now, p)
	}
	used, err := b.memory()
	if err != nil {
		return err
	}
	end, err := b.snapshot()
	if err != nil {
		return err
	}
	b.conclude(first, end)
	if s := b.result.Server; s != nil {
		n := float64(max(b.open.Load(), 1))
		s.ResidentBefore, s.Resident, s.Peak = before.resident, used.resident, used.peak
		s.PerConnection = float64(fresh.resident-before.resident) / n
		s.PerConnectionUsed = float64(used.resident-before.resident) / n
	}
	return nil
}

// sleep waits for a time of the run's clock, or for its end.
func (b *bench) sleep(until int64) {
	for now := b.now(); now < until && !b.stop.Load(); now = b.now() {
		time.Sleep(time.Duration(min(until-now, int64(50*time.Millisecond))))
	}
}

// FailedError says what speaks against a server.
type FailedError struct{ Failures Failures }

// Error counts what has gone wrong.
func (e *FailedError) Error() string {
	f := e.Failures
	return fmt.Sprintf("the server has not done what it should: %d connections refused, %d with wrong answers, %d ended early; %d messages lost", f.Refused, f.Wrong, f.Ended, f.Lost)
}

// ExitStatus returns the status that the command ends with.
func (e *FailedError) ExitStatus() int { return 2 }

// Err returns what speaks against the server, a *FailedError, or nil.
func (r *Result) Err() error {
	if !r.Failures.Any() {
		return nil
	}
	return &FailedError{r.Failures}
}

package bench

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/process"
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
	rooms     *rooms // nil in other modes
	result    Result

	latency, lateness *hdrhistogram.Histogram

	first, point snapshot                // when measuring began, and the last point of the charts
	part         *hdrhistogram.Histogram // answers since then
}

// spareFiles is how many files are open besides connections.
const spareFiles = 32

// Run does what o says. A Result is there too if the server has failed in some
// way, and if ctx ended the run.
func Run(ctx context.Context, o Options, progress Progress) (*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if limit := process.RaiseLimit(); limit > 0 && o.Connections > limit-spareFiles {
		return nil, fmt.Errorf("%d connections need more than the %d open files that a process may have here (ulimit -n)", o.Connections, limit)
	}
	o.Loops = min(cmp.Or(o.Loops, max(1, runtime.GOMAXPROCS(0)/2)), o.Connections)
	if o.Stages != nil {
		o.Warmup, o.Duration = 0, total(o.Stages)
	}
	if o.Mode.inRooms() {
		o.Loops = min(runtime.GOMAXPROCS(0), o.Connections) // that many recorders
		if !o.openLoop() {
			o.Rate = speakRate
		}
	} else if o.overEpoll() {
		// A loop keeps its processor of the scheduler, even while it waits: there
		// has to be one more for all the rest, however few the machine has.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + o.Loops))
	}
	s := &shared{asked: ctx, o: o, script: newScript(o), epoch: time.Now(), streams: newTransport(o)}
	if s.streams != nil {
		defer s.streams.CloseIdleConnections()
	}
	b := &bench{shared: s, progress: progress, latency: newHistogram(), lateness: newHistogram(), part: newHistogram()}
	b.result = Result{About: About{Label: o.Label, Begun: s.epoch, Setup: o.setup()}}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	defer progress.End()
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	b.result.Failures = b.failures.sum()
	b.result.Latency, b.result.Spread = latencyOf(b.latency), spreadOf(b.latency)
	b.result.Histogram = barsOf(b.latency)
	if !b.result.Stopped && b.plan.Load() != nil {
		b.result.Stages = b.stages()
	}
	if b.rooms != nil {
		b.result.Rooms = b.rooms.summary()
	}
	if o.openLoop() {
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
		return exit.With(exit.Unreachable, err)
	}
	// IPv4 first: servers that listen on localhost often have nothing else.
	slices.SortStableFunc(addr, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	b.address = net.JoinHostPort(addr[0].Unmap().String(), port)
	to, err := net.ResolveTCPAddr("tcp", b.address)
	if err != nil {
		return err
	}
	if err := checkSources(o.Sources, to.AddrPort().Addr()); err != nil {
		return err
	}
	if o.Mode.inRooms() {
		for range o.Loops {
			b.recorders = append(b.recorders, newRecorder())
		}
		b.rooms = newRooms(b.shared, b.recorders)
		b.drivers = append(b.drivers, b.rooms)
		return nil
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

// checkSources reports addresses that nothing can connect from.
func checkSources(sources []netip.Addr, to netip.Addr) error {
	for _, a := range sources {
		if a.Unmap().Is4() != to.Unmap().Is4() {
			return fmt.Errorf("source address %v is of another family than the server's, %v", a, to.Unmap())
		}
		try, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
		if err != nil {
			return fmt.Errorf("source address %v: %w", a, err)
		}
		try.Close()
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
	b.end()
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

// FailedError says what speaks against a server.
type FailedError struct{ Failures Failures }

// Error counts what has gone wrong.
func (e *FailedError) Error() string { return "the server failed: " + e.Failures.String() }

// Err returns what speaks against the server: a *FailedError with exit.Unfit, or why no
// connection at all could be opened, with the status for that. It is nil if nothing does.
func (r *Result) Err() error {
	if !r.Failures.Any() {
		return nil
	}
	if err := r.Failures.unopened(r.Setup.Connections); err != nil && r.Messages == 0 && !r.answered {
		return err
	}
	return exit.With(exit.Unfit, &FailedError{r.Failures})
}

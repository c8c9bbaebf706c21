package wshub_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wshub"
)

// badBus is a bus that fails now and then, as one does that talks to a broker far away.
// While it is down, what is published passes it by; then it tells of a gap.
type badBus struct {
	wshub.Bus
	unnumbered bool
	mu         sync.Mutex
	r          *rand.Rand
	down       bool
	sinks      map[int]*badSink
	n          int
}

type badSink struct {
	mu    sync.Mutex
	topic string
	sink  wshub.Sink
}

var errFailed = errors.New("failed")

// fails reports whether the bus fails now.
func (b *badBus) fails() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.down || b.r.IntN(4) == 0
}

func (b *badBus) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (wshub.Position, func(), error) {
	if b.fails() {
		return wshub.Position{}, nil, errFailed
	}
	s := &badSink{topic: topic, sink: sink}
	at, cancel, err := b.Bus.Subscribe(ctx, topic, func(e wshub.BusEvent) {
		s.mu.Lock()
		defer s.mu.Unlock()
		b.mu.Lock()
		down := b.down
		b.mu.Unlock()
		if down {
			return
		}
		if b.unnumbered {
			e.Position = wshub.Position{}
		}
		sink(e)
	})
	if err != nil {
		return at, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	n := b.n
	b.sinks[n] = s
	if b.unnumbered {
		at = wshub.Position{}
	}
	return at, func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.sinks, n)
	}, nil
}

func (b *badBus) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	if b.fails() {
		return wshub.Replay{}, errFailed
	}
	if b.unnumbered {
		return wshub.Replay{Gap: !start.After.IsZero()}, nil
	}
	return b.Bus.History(ctx, topic, start)
}

func (b *badBus) goDown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = true
}

// comeUp tells all sinks of a gap, in the order of their topics. Nothing is published
// meanwhile.
func (b *badBus) comeUp(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = false
	for _, s := range b.sinks {
		gap := wshub.BusEvent{Gap: true}
		if !b.unnumbered {
			r, _ := b.Bus.History(ctx, s.topic, wshub.Start{})
			gap.Position = r.At
		}
		s.sink(gap)
	}
}

// visitor is a client that subscribes somewhere, goes, and resumes somewhere else, and
// knows that the texts of a topic count.
type visitor struct {
	client
	member *wshub.Member
	number int // of the last text; -1: not known
	// missedTheEnd says that it has been told of a gap since.
	missedTheEnd bool
}

// visit subscribes, from where the client is.
func (v *visitor) visit(h *wshub.Hub, topic string, last int) {
	v.mu.Lock()
	start := wshub.Start{After: v.at, Last: last}
	if start.After.IsZero() {
		v.number = -1
	}
	v.mu.Unlock()
	v.member = h.Join(v, "")
	v.member.SubscribeFrom(topic, start)
}

func (v *visitor) leave() {
	v.member.Leave()
	synctest.Wait() // what is under way is for the connection before
	v.count()
}

// count goes through what the client got.
func (v *visitor) count() {
	for _, line := range v.all() {
		switch line {
		case "gap":
			v.number, v.missedTheEnd = -1, true
		case "subscribed": // everything since follows
		default:
			n, _ := strconv.Atoi(line)
			if v.number >= 0 && n != v.number+1 {
				v.t.Errorf("%d came after %d", n, v.number)
			}
			v.number, v.missedTheEnd = n, false
		}
	}
}

// world is hubs with clients that come and go, are slow, and resume wherever they like.
type world struct {
	t        *testing.T
	r        *rand.Rand
	hubs     []*wshub.Hub
	buses    []*badBus
	visitors []*visitor
	sent     int
}

const worldTopic = "t"

func newWorld(t *testing.T, seed uint64, hubs, kept int, unnumbered, calm bool) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 1))}
	broker := wshub.MemoryBroker{Retain: keep(40)}
	for range hubs {
		h := &wshub.Hub{Retain: keep(kept), Encode: say}
		if hubs > 1 {
			b := &badBus{Bus: broker.Bus(), unnumbered: unnumbered, r: rand.New(rand.NewPCG(seed, 2)), sinks: make(map[int]*badSink)}
			h.Bus = b
			w.buses = append(w.buses, b)
		}
		w.hubs = append(w.hubs, h)
	}
	for range 30 {
		v := &visitor{client: client{t: t}, number: -1}
		r := rand.New(rand.NewPCG(w.r.Uint64(), 3))
		if !calm {
			v.refuse = func() bool { return r.IntN(8) == 0 }
		}
		w.visitors = append(w.visitors, v)
	}
	return w
}

func (w *world) publish(n int) {
	for range n {
		h := w.hubs[w.r.IntN(len(w.hubs))]
		if _, err := h.PublishContext(w.t.Context(), worldTopic, wshub.Text(fmt.Append(nil, w.sent))); err != nil {
			w.t.Error(err)
		}
		w.sent++
	}
}

// step is one thing that happens.
func (w *world) step() {
	v := w.visitors[w.r.IntN(len(w.visitors))]
	switch what := w.r.IntN(20); {
	case what < 8:
		if v.member == nil {
			v.visit(w.hubs[w.r.IntN(len(w.hubs))], worldTopic, w.r.IntN(4))
		} else {
			v.leave()
			v.member = nil
		}
	case what == 8 && len(w.buses) > 0:
		b := w.buses[w.r.IntN(len(w.buses))]
		synctest.Wait()
		b.goDown()
		w.publish(w.r.IntN(5))
		time.Sleep(time.Duration(w.r.IntN(300)) * time.Millisecond)
		synctest.Wait()
		b.comeUp(w.t.Context())
	case what < 11:
		time.Sleep(time.Duration(w.r.IntN(400)) * time.Millisecond)
	default:
		w.publish(w.r.IntN(6))
	}
}

// Whatever happens: a client that was answered "subscribed" has no hole after the
// position that it came with, and in the end all have everything or know of a gap.
func TestNoClientHasAHoleWithoutAGap(t *testing.T) {
	for _, tc := range []struct {
		name             string
		hubs, kept       int
		unnumbered, calm bool
	}{
		{"alone", 1, 20, false, false},
		{"alone, keeping nothing", 1, 0, false, false},
		{"three hubs", 3, 20, false, false},
		{"three hubs that keep more than the broker", 3, 1000, false, false},
		{"three hubs that keep two", 3, 2, false, false},
		{"three hubs that keep nothing, clients that are never slow", 3, 0, false, true},
		{"three hubs, a bus without positions", 3, 20, true, false},
	} {
		seeds := uint64(20)
		if testing.Short() {
			seeds = 3
		}
		t.Run(tc.name, func(t *testing.T) {
			for seed := range seeds {
				synctest.Test(t, func(t *testing.T) {
					newWorld(t, seed, tc.hubs, tc.kept, tc.unnumbered, tc.calm).live()
				})
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func (w *world) live() {
	gaps, resumed := 0, 0
	for range 300 {
		w.step()
	}
	for _, v := range w.visitors {
		if v.member == nil {
			v.visit(w.hubs[0], worldTopic, 1)
		}
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	w.publish(1)
	time.Sleep(time.Minute)
	synctest.Wait()
	for i, v := range w.visitors {
		v.count()
		if v.number != w.sent-1 && !v.missedTheEnd {
			w.t.Errorf("client %d has got to %d of %d, at %v", i, v.number, w.sent-1, v.at)
		}
		gaps += v.gaps
		if v.gaps == 0 {
			resumed++
		}
		v.member.Leave()
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	w.t.Logf("%d messages, %d gaps, %d clients without", w.sent, gaps, resumed)
}

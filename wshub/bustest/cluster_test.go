package bustest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/bustest"
)

// cluster is a broker in memory whose connections can be cut, and that can forget. Its
// buses do afterwards what they have to, unless they are told to do something wrong.
type cluster struct {
	wrong string
	mu    sync.Mutex
	nodes []*node
	bus   wshub.Bus // of the broker of now
	cut   bool
	n     int
}

const kept = 20

func newCluster(wrong string) *cluster {
	c := &cluster{wrong: wrong}
	c.renew()
	return c
}

func (c *cluster) renew() {
	broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: kept} }}
	c.bus = broker.Bus()
}

func (c *cluster) broker() bustest.Broker {
	return bustest.Broker{Open: c.open, Positions: true, Messages: kept, Interrupt: c.interrupt, Forget: c.forget}
}

func (c *cluster) open(testing.TB) wshub.Bus {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := &node{cluster: c}
	c.nodes = append(c.nodes, n)
	return n
}

// interrupt cuts all connections. What is published meanwhile passes them by.
func (c *cluster) interrupt(testing.TB) (heal func()) {
	c.mu.Lock()
	c.cut = true
	bus := c.bus
	c.mu.Unlock()
	for _, s := range c.subs() {
		bus.Publish(context.Background(), s.topic, wshub.Record{Op: 1, Data: []byte("missed")})
	}
	return func() {
		c.mu.Lock()
		c.cut = false
		c.mu.Unlock()
		c.tell()
	}
}

// forget has another broker take the place of the one before.
func (c *cluster) forget(testing.TB) {
	c.mu.Lock()
	c.renew()
	c.mu.Unlock()
	for _, s := range c.subs() {
		s.attach(context.Background())
	}
	c.tell()
}

// tell tells all sinks of a gap.
func (c *cluster) tell() {
	if c.wrong == "says nothing of gaps" {
		return
	}
	for _, s := range c.subs() {
		r, _ := s.node.now().History(context.Background(), s.topic, wshub.Start{})
		s.event(wshub.BusEvent{Gap: true, Entry: wshub.Entry{Position: r.At}})
	}
}

func (c *cluster) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

func (c *cluster) subs() (all []*sub) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.nodes {
		n.mu.Lock()
		for s := range n.subs {
			all = append(all, s)
		}
		n.mu.Unlock()
	}
	return all
}

// node is a bus of a cluster.
type node struct {
	cluster *cluster
	mu      sync.Mutex
	subs    map[*sub]bool
	closed  bool
}

func (n *node) now() wshub.Bus {
	n.cluster.mu.Lock()
	defer n.cluster.mu.Unlock()
	return n.cluster.bus
}

func (n *node) usable(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed && n.cluster.wrong != "works after Close" {
		return wshub.ErrBusClosed
	}
	if n.cluster.wrong == "ignores contexts" {
		return nil
	}
	return ctx.Err()
}

func (n *node) Publish(ctx context.Context, topic string, r wshub.Record) (wshub.Position, error) {
	if err := n.usable(ctx); err != nil {
		return wshub.Position{}, err
	}
	switch n.cluster.wrong {
	case "loses keys":
		r.Key = ""
	case "takes any topic":
		topic = "t"
	case "waits for the broker":
		wstest.Poll(wstest.Patience, func() bool { return !n.cluster.isCut() })
	}
	p, err := n.now().Publish(context.WithoutCancel(ctx), topic, r)
	if n.cluster.wrong == "returns another position" {
		p.Offset++
	}
	return p, err
}

func (n *node) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	if err := n.usable(ctx); err != nil {
		return wshub.Replay{}, err
	}
	r, err := n.now().History(context.WithoutCancel(ctx), topic, start)
	switch n.cluster.wrong {
	case "knows no gap":
		r.Gap = false
	case "forgets the oldest":
		if len(r.Entries) > 1 {
			r.Entries = r.Entries[1:]
		}
	case "has a stale history":
		if len(r.Entries) > 0 && start.Last == 0 {
			r.Entries = r.Entries[:len(r.Entries)-1]
			r.At = r.From
		}
	}
	return r, err
}

func (n *node) Ping(ctx context.Context) error { return n.usable(ctx) }

func (n *node) Close() error {
	n.mu.Lock()
	n.closed = true
	subs := n.subs
	n.subs = nil
	n.mu.Unlock()
	for s := range subs {
		s.stop()
	}
	return nil
}

// sub is a subscription.
type sub struct {
	node  *node
	topic string
	sink  wshub.Sink
	mu    sync.Mutex
	n     int
	stops []func()
}

func (n *node) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (wshub.Position, func(), error) {
	if err := n.usable(ctx); err != nil {
		return wshub.Position{}, nil, err
	}
	s := &sub{node: n, topic: topic, sink: sink}
	n.mu.Lock()
	if n.subs == nil {
		n.subs = make(map[*sub]bool)
	}
	n.subs[s] = true
	n.mu.Unlock()
	at, err := s.attach(ctx)
	return at, s.cancel, err
}

func (s *sub) attach(ctx context.Context) (wshub.Position, error) {
	at, stop, err := s.node.now().Subscribe(context.WithoutCancel(ctx), s.topic, s.event)
	if err != nil {
		return at, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops = append(s.stops, stop)
	return at, nil
}

func (s *sub) event(e wshub.BusEvent) {
	c := s.node.cluster
	c.mu.Lock()
	cut := c.cut
	c.n++
	n := c.n
	c.mu.Unlock()
	s.mu.Lock()
	s.n++
	mine := s.n
	s.mu.Unlock()
	switch {
	case cut && !e.Gap:
		return
	case c.wrong == "loses a record now and then" && n%7 == 0:
		return
	case c.wrong == "gives a record twice" && mine == 3:
		s.sink(e)
	case c.wrong == "mixes up topics" && n%5 == 0:
		for _, other := range c.subs() {
			if other != s {
				other.sink(e)
				break
			}
		}
	}
	s.sink(e)
}

func (s *sub) cancel() {
	s.node.mu.Lock()
	delete(s.node.subs, s)
	s.node.mu.Unlock()
	if s.node.cluster.wrong != "does not cancel" {
		s.stop()
	}
}

func (s *sub) stop() {
	s.mu.Lock()
	stops := s.stops
	s.stops = nil
	s.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
}

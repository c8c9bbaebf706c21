//go:build !nobus && unix

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// fault is what happens to a world under load.
type fault struct {
	name   string
	broker bool // it needs a broker that is a process of its own
	do     func(t *trial, n *node, i int) error
}

// faults are all that there are. Each waits until the others have gone on meanwhile.
var faults = []fault{
	{"kill -9 of a node", false, func(t *trial, n *node, _ int) error {
		n.kill()
		if err := t.goOn(); err != nil {
			return err
		}
		return n.start()
	}},
	{"a node stands still", false, func(t *trial, n *node, _ int) error {
		if err := n.pause(); err != nil {
			return err
		}
		err := t.goOn()
		if rerr := n.resume(); err == nil {
			err = rerr
		}
		return err
	}},
	{"kill -9 of the broker", true, func(t *trial, n *node, _ int) error {
		t.w.broker.kill()
		if err := until("the nodes notice", func() bool { return !n.healthy() }); err != nil {
			return err
		}
		return t.w.startBroker()
	}},
	{"a node is cut off from the broker", true, func(t *trial, n *node, i int) error {
		t.w.proxies[i].cut()
		defer t.w.proxies[i].heal()
		if err := until("the node notices", func() bool { return !n.healthy() }); err != nil {
			return err
		}
		return t.goOn()
	}},
}

// trial is a world with clients.
type trial struct {
	w       *world
	talkers []*talker
	records []*record
	cancel  context.CancelFunc
	running sync.WaitGroup
	ctx     context.Context
}

// load is how many clients there are, and how often one says something.
type load struct {
	listeners int // at each node
	every     time.Duration
}

// soon is how long clients wait at most before they come back.
const soon = 100 * time.Millisecond

func newTrial(w *world, l load) *trial {
	t := &trial{w: w}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	for i := range w.nodes {
		t.addTalker(fmt.Sprint("talker", i), i, l.every)
		for k := range l.listeners {
			c := &client{record: newRecord(fmt.Sprint("listener", i, "-", k)), room: "proof", nodes: w.nodes, home: i, first: soon, leaves: k%2 == 0}
			t.records = append(t.records, c.record)
			t.running.Go(func() { c.run(t.ctx, nil) })
		}
	}
	return t
}

func (t *trial) addTalker(name string, home int, every time.Duration) *talker {
	c := client{record: newRecord(name), room: "proof", nodes: t.w.nodes, home: home, first: soon, leaves: true, answers: make(chan happening, 1)}
	k := &talker{client: c, every: every}
	t.talkers = append(t.talkers, k)
	t.records = append(t.records, k.record)
	t.running.Go(func() { k.run(t.ctx, k.talk) })
	return k
}

// enough is how much has to be acknowledged before something counts as going on.
const enough = 50

// goOn waits until enough has been acknowledged from now on.
func (t *trial) goOn() error {
	sum := func() (n int) {
		for _, k := range t.talkers {
			n += k.acknowledged()
		}
		return n
	}
	begun := sum()
	return until("the clients go on", func() bool { return sum() >= begun+enough })
}

// disturb does something to one node after another, under load.
func (t *trial) disturb(f fault, targets int) error {
	for i := range targets {
		if err := t.goOn(); err != nil {
			return err
		}
		if err := f.do(t, t.w.nodes[i], i); err != nil {
			return err
		}
		if err := t.w.settle(); err != nil {
			return err
		}
	}
	return t.goOn()
}

// finish waits until all clients have had what was said, and returns what is wrong.
func (t *trial) finish() ([]string, error) {
	for _, k := range t.talkers {
		k.quiet.Store(true)
	}
	last := t.addTalker("last", 0, time.Second)
	err := until("all have had what was said last", func() bool {
		for n := range last.numbers() {
			if t.allHeard(fmt.Sprint(last.name, "-", n+1)) {
				return true
			}
		}
		return false
	})
	t.cancel()
	t.running.Wait()
	if err != nil {
		return nil, err
	}
	acked := make(map[string][]said)
	for _, k := range t.talkers {
		acked[k.name] = k.acked
	}
	return verify(t.records, acked), nil
}

func (t *trial) allHeard(text string) bool {
	for _, r := range t.records {
		if !r.heard(text) {
			return false
		}
	}
	return true
}

// report writes what was counted.
func (t *trial) report(out io.Writer, name string, took time.Duration) {
	var acked, failed, messages, gaps int
	for _, k := range t.talkers {
		acked += len(k.acked)
		failed += k.failed
	}
	for _, r := range t.records {
		m, g := r.count()
		messages += m
		gaps += g
	}
	fmt.Fprintf(out, "%-10s %-34s %6d acknowledged %4d failed %8d delivered %4d gaps %6.1f s\n",
		t.w.bus, name, acked, failed, messages, gaps, took.Seconds())
}

// tryFault runs a world with a fault. The error has all that is wrong in it.
func tryFault(out io.Writer, bus, binary, dir string, f fault, l load, targets int) error {
	w, err := begin(bus, binary, dir)
	if err != nil {
		return err
	}
	defer w.end()
	begun := time.Now()
	t := newTrial(w, l)
	defer t.cancel()
	if err := t.disturb(f, targets); err != nil {
		return err
	}
	wrong, err := t.finish()
	if err != nil {
		return err
	}
	t.report(out, f.name, time.Since(begun))
	if len(wrong) > 0 {
		return fmt.Errorf("%d faults:\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
	return nil
}

//go:build !nobus && unix

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// arrivals are when clients were let in.
type arrivals struct {
	mu    sync.Mutex
	times []time.Time
}

func (a *arrivals) add() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times = append(a.times, time.Now())
}

func (a *arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.times)
}

func (a *arrivals) take() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	times := a.times
	a.times = nil
	return times
}

// peak returns how many arrivals there were within a second, at most.
func peak(times []time.Time) (most int) {
	slices.SortFunc(times, time.Time.Compare)
	first := 0
	for i, t := range times {
		for t.Sub(times[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

const (
	ofRoom = 30              // clients in a room
	spread = 1 * time.Second // the first wait of websocket.Redial
)

// measureStorm kills one of three nodes that have n clients each, and measures how long
// it takes until all of its clients are back, at the other ones.
func measureStorm(out io.Writer, binary, dir string, n int) error {
	w, err := begin("cluster", binary, dir)
	if err != nil {
		return err
	}
	defer w.end()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	var came arrivals
	all := nodes * n
	for i := range all {
		c := &client{record: newRecord(fmt.Sprint("client", i)), room: fmt.Sprint("room", i/ofRoom), nodes: w.nodes, home: i % nodes, first: spread, let: came.add}
		running.Go(func() { c.run(ctx, nil) })
		if i%100 == 99 { // at first they come one after another
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err := until("all clients are there", func() bool { return came.count() >= all }); err != nil {
		return err
	}
	came.take()
	begun := time.Now()
	w.nodes[0].kill()
	if err := until("all clients are back", func() bool { return came.count() >= n }); err != nil {
		return err
	}
	times := came.take()
	most := peak(times) // which sorts them
	fmt.Fprintf(out, "%d clients of a node that was killed: all are back after %.2f s, %d within a second at most\n",
		n, times[len(times)-1].Sub(begun).Seconds(), most)
	return nil
}

package soak

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
)

// scale is how much happens in a round.
type scale struct {
	clients  int // of each server that echoes, at once
	sessions int // of each client, one after the other
	messages int // of a session, and of each publisher in a topic
	restarts int // of the servers, one after the other
}

// rounds yields the number of each round: three, or as many as there is time for.
func rounds(t *testing.T) (s scale, more func(round int) bool) {
	text := os.Getenv("SOAK")
	if text == "" {
		return scale{2, 6, 12, 4}, func(round int) bool { return round < 3 }
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SOAK is to be a duration: %v", err)
	}
	end := time.Now().Add(long)
	return scale{8, 60, 60, 24}, func(round int) bool { return round < 3 || time.Now().Before(end) }
}

// TestNothingIsLostAndNothingIsLeft: rounds of chaos, after each of which everything has
// ended. What the process holds then is what it held before.
func TestNothingIsLostAndNothingIsLeft(t *testing.T) {
	s, more := rounds(t)
	before := atFirst(t)
	var all tally
	var heaps []uint64
	for round := 0; more(round) && !t.Failed(); round++ {
		n := chaos(t, s, uint64(round))
		all.add(n)
		now := settle(before)
		t.Logf("round %d: %v; %v", round, n, now)
		if now.goroutines != before.goroutines || now.descriptors != before.descriptors {
			t.Errorf("before %v, after round %d %v\n%s", before, round, now, stacks())
		}
		heaps = append(heaps, now.heap)
	}
	if t.Failed() {
		return
	}
	if all.restarts == 0 || all.whole == 0 || all.cut == 0 || all.published == 0 || all.delivered == 0 || all.resumed == 0 {
		t.Errorf("this is no chaos: %v", &all)
	}
	// A connection in each session that is not let go of is many times that.
	const margin = 1 << 20
	first, end := slices.Min(heaps[:1+len(heaps)/2]), uint64(0)
	wstest.Poll(patience/5, func() bool { // for a while, a timer may hold what has ended
		end = holds().heap
		return end <= first+margin
	})
	if end > first+margin {
		t.Errorf("the heap had %d bytes in the first half, and has %d at the end", first, end)
	}
}

// chaos is one round.
func chaos(t *testing.T, s scale, seed uint64) *tally {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n := new(tally)
	var nodes []*node
	for _, begin := range []func() service{echoByWebsocket, echoByNetHTTP, echoByWspoll} {
		nodes = append(nodes, newNode(t, begin))
	}
	c := newCluster(t, s)
	var busy sync.WaitGroup
	for i, node := range nodes {
		for k := range s.clients {
			busy.Go(func() { echoSessions(ctx, t, node, n, s, seed<<16|uint64(i)<<8|uint64(k)) })
		}
	}
	busy.Go(func() { c.run(ctx, t, n) })
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		restart(ctx, append(nodes, c.nodes...), n, s)
	}()
	busy.Wait()
	cancel()
	<-stopped
	for _, node := range append(nodes, c.nodes...) {
		node.stop()
	}
	return n
}

// restart restarts the nodes in turn, each time after as much has been received as is
// the share of one restart.
func restart(ctx context.Context, nodes []*node, n *tally, s scale) {
	for i := range s.restarts {
		if !n.await(ctx, int64((i+1)*s.clients*s.sessions*s.messages*3/2/s.restarts)) {
			return
		}
		nodes[i%len(nodes)].restart()
		n.restarted()
	}
}

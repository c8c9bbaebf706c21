package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/wshub"
)

// follower follows a topic and keeps what it was shown.
type follower struct {
	mu    sync.Mutex
	texts []string
	kinds []string
}

func (f *follower) show(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.Kind == "message" {
		f.texts = append(f.texts, e.Text)
	} else {
		f.kinds = append(f.kinds, e.Kind)
	}
}

// take returns what was shown, and forgets it.
func (f *follower) take() (texts, kinds []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	texts, kinds = f.texts, f.kinds
	f.texts, f.kinds = nil, nil
	return texts, kinds
}

// publish publishes numbers for a while, one each 100 ms.
func publish(hubs []*wshub.Hub, from, to int) (texts []string) {
	for i := from; i < to; i++ {
		text := fmt.Sprint(i)
		texts = append(texts, text)
		hubs[i%len(hubs)].Publish("t", wshub.Text([]byte(text)))
		time.Sleep(100 * time.Millisecond)
	}
	return texts
}

// A client whose connection is cut again and again gets everything once.
func TestAClientThatIsCutOffMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewHub(nil)
		s := wstest.Serve(t, NewServer(hub, 3*time.Second))
		ctx, cancel := context.WithCancel(t.Context())
		var f follower
		done := make(chan error)
		opts := &websocket.RedialOptions{Dial: s.Options(nil), Cap: 5 * time.Second}
		go func() { done <- Follow(ctx, s.URL, opts, Subscribe{Topic: "t"}, f.show) }()
		synctest.Wait()
		want := publish([]*wshub.Hub{hub}, 0, 600)
		time.Sleep(10 * time.Second)
		texts, kinds := f.take()
		if !slices.Equal(texts, want) {
			t.Errorf("the client got %d messages, want %d", len(texts), len(want))
		}
		if len(kinds) < 5 || slices.Contains(kinds, "gap") {
			t.Errorf("it was told %q", kinds)
		}
		cancel()
		<-done
	})
}

// A client goes on at another node, and after all of it is gone it is told of a gap.
func TestAClientResumesAtAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: 50} }}
		hubs := []*wshub.Hub{NewHub(broker.Bus()), NewHub(broker.Bus())}
		alone := NewHub(nil) // another cluster, to which the positions of the first mean nothing
		var servers []*wstest.Server
		for _, h := range append(hubs, alone) {
			servers = append(servers, wstest.Serve(t, NewServer(h, 0)))
		}
		where := Subscribe{Topic: "t", Last: 2}
		visit := func(i int, during func()) (texts, kinds []string) {
			ctx, cancel := context.WithCancel(t.Context())
			var f follower
			done := make(chan error)
			opts := &websocket.RedialOptions{Dial: servers[i].Options(nil)}
			go func() {
				done <- Follow(ctx, servers[i].URL, opts, where, func(e Event) {
					where.After = e.At
					f.show(e)
				})
			}()
			time.Sleep(time.Second)
			during()
			time.Sleep(time.Second)
			cancel()
			<-done
			return f.take()
		}
		for _, tc := range []struct {
			server int
			before func()
			during func()
			texts  []string
			kinds  []string
		}{
			{0, func() { publish(hubs, 0, 4) }, func() { publish(hubs, 4, 6) }, []string{"2", "3", "4", "5"}, []string{"subscribed"}},
			{1, func() { publish(hubs, 6, 8) }, func() { publish(hubs, 8, 9) }, []string{"6", "7", "8"}, []string{"subscribed"}},
			{0, func() { publish(hubs, 10, 100) }, func() {}, []string{"98", "99"}, []string{"gap"}},
			{2, func() { publish([]*wshub.Hub{alone}, 0, 9) }, func() {}, []string{"7", "8"}, []string{"gap"}},
		} {
			tc.before()
			if texts, kinds := visit(tc.server, tc.during); !slices.Equal(texts, tc.texts) || !slices.Equal(kinds, tc.kinds) {
				t.Errorf("at server %d: %q and %q, want %q and %q", tc.server, texts, kinds, tc.texts, tc.kinds)
			}
		}
	})
}

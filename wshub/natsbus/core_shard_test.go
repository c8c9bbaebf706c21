package natsbus

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// node is a shard of Core without a connection, and what one of its sinks gets.
type node struct {
	*coreShard
	mu  sync.Mutex
	got []string
}

func startNode(t *testing.T) *node {
	n := &node{coreShard: newCoreShard("wshub.0.", 1)}
	n.fan.Subscribe("t", wshub.Position{}, func(e wshub.BusEvent) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.got = append(n.got, string(e.Data)); e.Gap {
			n.got[len(n.got)-1] = "gap"
		}
	})
	end := make(chan struct{})
	go n.run(end)
	t.Cleanup(func() { close(end) })
	synctest.Wait()
	return n
}

// from has a message of a publisher arrive.
func (n *node) from(publisher, number uint64, what kind) {
	p := count{publisher, number}.append(nil, what)
	name := own
	if what == aRecord {
		p = wshub.AppendRecord(p, wshub.Record{Op: ws.OpText, Data: fmt.Append(nil, publisher, ":", number)})
		name, _ = token("t")
	}
	n.arrived <- &nats.Msg{Subject: n.prefix + name, Data: p}
	synctest.Wait()
}

func (n *node) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Equal(n.got, want) {
		t.Errorf("the sink got %q, want %q", n.got, want)
	}
	n.got = nil
}

func TestWhatIsMissingOfAPublisherIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t)
		n.from(7, 40, aRecord) // it has been there for longer than this node
		n.from(7, 41, aRecord)
		n.from(8, 1, aRecord)
		n.want(t, "7:40", "7:41", "8:1")
		n.from(7, 43, aRecord)
		n.want(t, "gap", "7:43")
		n.from(7, 43, aCheck)
		n.from(8, 1, aPing)
		n.want(t)
		n.from(8, 2, aCheck) // the record itself was lost, and nothing follows
		n.want(t, "gap")
		n.from(8, 2, aFarewell)
		n.from(7, 44, aFarewell)
		n.want(t, "gap")
	})
}

// A publisher whose connection was lost sends again what had arrived already.
func TestWhatComesTwiceIsDeliveredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t)
		for _, number := range []uint64{1, 2, 3, 2, 3, 4} {
			n.from(7, number, aRecord)
		}
		n.from(7, 3, aCheck) // that was on its way before the last record
		n.from(7, 5, aRecord)
		n.want(t, "7:1", "7:2", "7:3", "7:4", "7:5")
		time.Sleep(time.Minute)
		n.want(t, "gap")
		for _, number := range []uint64{4, 5, 6} {
			n.from(7, number, aRecord)
		}
		n.want(t, "7:6")
		// After ten minutes it may be anybody.
		time.Sleep(forgetAfter + silence)
		n.want(t, "gap")
		n.from(7, 6, aRecord)
		n.want(t, "gap", "7:6")
	})
}

func TestAPublisherThatIsNotHeardOfAnyMoreIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t)
		n.from(7, 1, aRecord)
		n.from(8, 1, aRecord)
		n.want(t, "7:1", "8:1")
		for i := range 10 { // after the first of which 8 says farewell
			time.Sleep(checkEvery)
			n.from(7, 1, aCheck)
			if i == 0 {
				n.from(8, 1, aFarewell)
			}
		}
		n.want(t)
		time.Sleep(silence - time.Millisecond)
		n.want(t)
		time.Sleep(2 * checkEvery)
		n.want(t, "gap")
		// It was not dead, but cut off: what it has published meanwhile is lost.
		n.from(7, 3, aRecord)
		n.want(t, "gap", "7:3")
		time.Sleep(time.Minute)
		n.want(t, "gap")
		// One that has just begun is none.
		n.from(9, 1, aRecord)
		n.want(t, "9:1")
	})
}

func TestAConnectionThatHasComeBackIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t)
		n.from(7, 1, aRecord)
		n.want(t, "7:1")
		n.reconnected <- struct{}{}
		n.want(t, "gap")
		n.from(7, 2, aRecord)
		n.want(t, "7:2")
	})
}

func TestWhatIsNotOursIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t)
		good, next := count{7, 1}.append(nil, aRecord), count{7, 2}.append(nil, aRecord)
		for _, m := range []nats.Msg{
			{Subject: n.prefix + "dA", Data: nil},
			{Subject: n.prefix + "dA", Data: good[:countSize-1]},
			{Subject: n.prefix + "dA", Data: append([]byte{0x20}, good[1:]...)}, // of another version
			{Subject: n.prefix + "*", Data: good},
			{Subject: n.prefix + "dA", Data: next}, // with no record
		} {
			n.arrived <- &m
			synctest.Wait()
		}
		n.want(t)
	})
}

func FuzzCount(f *testing.F) {
	f.Add(count{1, 2}.append(nil, aRecord))
	f.Add(count{1 << 63, 1<<64 - 1}.append(nil, aFarewell))
	f.Add([]byte("\x10 too short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, what, rest, ok := parseCount(b)
		if !ok {
			return
		}
		if again := append(c.append(nil, what), rest...); string(again) != string(b) {
			t.Errorf("% x became % x", b, again)
		}
	})
}

func FuzzTopic(f *testing.F) {
	for _, s := range []string{"a", "a.b", "*", ">", "", "\x00\xff", own} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		name, err := token(topic)
		if (err == nil) != (0 < len(topic) && len(topic) <= 128) {
			t.Fatalf("%d bytes: %v", len(topic), err)
		}
		if err != nil {
			return
		}
		if back, ok := topicOf("p.0." + name); back != topic || !ok || name == own {
			t.Errorf("%q became %q and %q", topic, name, back)
		}
	})
}

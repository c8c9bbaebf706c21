package wsprom_test

import (
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wsprom"
	"github.com/wirews/wirews/wsproto"
)

// stats is a Source that does not change.
type stats wsproto.Stats

func (s stats) Stats() wsproto.Stats { return wsproto.Stats(s) }

// all has another value in each number.
func all() (s stats) {
	s.Open, s.Opened = 1, 2
	s.Refused = map[string]int64{"origin": 3, "timeout": 4}
	s.Received = wsproto.Traffic{Messages: 5, Bytes: 6, Uncompressed: 7, Compressed: 8, Pings: 9, Pongs: 10}
	s.Sent = wsproto.Traffic{Messages: 11, Bytes: 12, Uncompressed: 13, Compressed: 14, Pings: 15, Pongs: 16}
	s.Closes.Received = wsproto.CloseCodes{1000: 17, 4001: 18}
	s.Closes.Sent = wsproto.CloseCodes{1005: 19, 0: 20}
	s.Ended = wsproto.Ended{Peer: 21, Us: 22, Transport: 23, Timeout: 24, Violation: 25}
	s.Queue = wsproto.Waiting{Messages: 26, Bytes: 27, Dropped: wsproto.Drops{Oldest: 28, Newest: 29, Replaced: 30, Expired: 31, Ended: 32}}
	for _, d := range []time.Duration{50 * time.Microsecond, 3 * time.Millisecond, 70 * time.Millisecond, 20 * time.Second} {
		s.RTT.Measured(d)
	}
	return s
}

// What Prometheus gets is what testdata/all.prom says, and its linter finds nothing.
// Dashboards are made with these names.
func TestMetricsOfAllThatIsCounted(t *testing.T) {
	want, err := os.Open("testdata/all.prom")
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	c := wsprom.NewCollector(all())
	if err := testutil.CollectAndCompare(c, want); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(c)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// A registry that checks everything takes it, also where nothing has been counted
// yet, and several sources with a label of their own.
func TestARegistryTakesSeveralSources(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	for name, source := range map[string]wsprom.Source{"fresh": new(websocket.Counters), "zero": stats{}, "all": all()} {
		prometheus.WrapRegistererWith(prometheus.Labels{"listener": name}, registry).MustRegister(wsprom.NewCollector(source))
	}
	n, err := testutil.GatherAndCount(registry, "wirews_connections_total")
	if err != nil || n != 3 {
		t.Errorf("%d of them, %v", n, err)
	}
}

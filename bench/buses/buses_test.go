//go:build unix

package buses

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/natsbus"
	"github.com/wirews/wirews/wshub/redisbus"
)

// A round is so many messages of this size, by so many goroutines at once.
const (
	messages   = 2000
	size       = 128
	publishers = 16
)

// carrier brings messages from one node to another.
type carrier struct {
	publish func(payload []byte) error
	arrived *arrivals
}

// arrivals counts what has arrived. Empty messages tell only that something does.
type arrivals struct {
	any   atomic.Bool
	n     atomic.Int64 // in this round
	round chan struct{}
}

func newArrivals() *arrivals { return &arrivals{round: make(chan struct{})} }

func (a *arrivals) add(payload int) {
	switch {
	case payload == 0:
		a.any.Store(true)
	case a.n.Add(1) == messages:
		a.round <- struct{}{}
	}
}

// BenchmarkAcrossNodes has the broker alone and a hub on it carry messages in turn, with
// the same calls of the broker: the CPU time of a message on all nodes, and that of the
// hub as a ratio to the broker's in the same round, the median of all rounds. The NATS
// server is in this process and counts, for both; Redis is one of its own and does not.
func BenchmarkAcrossNodes(b *testing.B) {
	for _, broker := range []struct {
		name   string
		choose func(b *testing.B) (alone, hub carrier)
	}{
		{"NATS", core}, {"JetStream", stream}, {"Redis", redisStream},
	} {
		b.Run(broker.name, func(b *testing.B) {
			alone, hub := broker.choose(b)
			var times, ratios []float64
			for b.Loop() {
				first := alone.round(b)
				ratios = append(ratios, hub.round(b)/first)
				times = append(times, first)
			}
			b.ReportMetric(measure.Median(times)/messages, "broker-cpu-ns/msg")
			b.ReportMetric(measure.Median(ratios), "hub-ratio")
		})
	}
}

// round returns the CPU time of a round, in ns.
func (c carrier) round(b *testing.B) float64 {
	c.arrived.n.Store(0)
	begun := measure.CPUTime()
	var wait sync.WaitGroup
	for range publishers {
		wait.Go(func() {
			for range messages / publishers {
				if err := c.publish(make([]byte, size)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
	<-c.arrived.round
	return float64(measure.CPUTime() - begun)
}

// onHub is a hub on each of two nodes.
func onHub(b *testing.B, open func() (wshub.Bus, error)) carrier {
	var hubs [2]wshub.Hub
	for i := range hubs {
		bus, err := open()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { bus.Close() })
		hubs[i].Bus = bus
	}
	c := carrier{arrived: newArrivals()}
	hubs[1].Join(counter{c.arrived}, "").Subscribe("t")
	c.publish = func(p []byte) error {
		_, err := hubs[0].PublishContext(context.Background(), "t", wshub.Binary(p))
		return err
	}
	c.ready(b)
	return c
}

// ready publishes until something arrives.
func (c carrier) ready(b *testing.B) {
	wstest.Until(b, "a message arrives", func() bool {
		if err := c.publish(nil); err != nil {
			b.Fatal(err)
		}
		return c.arrived.any.Load()
	})
}

// counter is a member that counts.
type counter struct{ *arrivals }

func (c counter) Deliver(m *wsflate.PreparedMessage, key string) error {
	c.add(len(m.Payload()))
	return nil
}

func core(b *testing.B) (alone, hub carrier) {
	url := startNATS(b)
	from, to := connect(b, url), connect(b, url)
	alone.arrived = newArrivals()
	if _, err := to.Subscribe("alone", func(m *nats.Msg) { alone.arrived.add(len(m.Data)) }); err != nil {
		b.Fatal(err)
	}
	alone.publish = func(p []byte) error { return from.Publish("alone", p) }
	alone.ready(b)
	return alone, onHub(b, func() (wshub.Bus, error) { return natsbus.OpenCore(b.Context(), url, natsbus.Options{}) })
}

func stream(b *testing.B) (alone, hub carrier) {
	url := startNATS(b)
	from, to := jetStream(b, url), jetStream(b, url)
	ctx := context.Background()
	// More than a round: what the stream drops before it was delivered, a round would wait for.
	s, err := from.CreateStream(ctx, jetstream.StreamConfig{Name: "alone", Subjects: []string{"alone"}, MaxMsgs: 4 * messages})
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := to.OrderedConsumer(ctx, s.CachedInfo().Config.Name, jetstream.OrderedConsumerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	alone.arrived = newArrivals()
	consuming, err := consumer.Consume(func(m jetstream.Msg) { alone.arrived.add(len(m.Data())) })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(consuming.Stop)
	alone.publish = func(p []byte) error { _, err := from.Publish(ctx, "alone", p); return err }
	alone.ready(b)
	return alone, onHub(b, func() (wshub.Bus, error) {
		return natsbus.OpenJetStream(b.Context(), url, natsbus.Options{}, natsbus.Keep{Messages: messages})
	})
}

func redisStream(b *testing.B) (alone, hub carrier) {
	addr := startRedis(b)
	from, to := redis.NewClient(&redis.Options{Addr: addr}), redis.NewClient(&redis.Options{Addr: addr})
	ctx, cancel := context.WithCancel(context.Background())
	alone.arrived = newArrivals()
	alone.publish = func(p []byte) error {
		return from.XAdd(ctx, &redis.XAddArgs{Stream: "alone", MaxLen: 16 << 10, Approx: true, Values: []any{"p", p}}).Err()
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for at := "0"; ctx.Err() == nil; {
			got, err := to.XRead(ctx, &redis.XReadArgs{Streams: []string{"alone", at}, Block: time.Second}).Result()
			if err != nil {
				continue // nothing for a second, or the end
			}
			for _, entry := range got[0].Messages {
				at = entry.ID
				alone.arrived.add(len(entry.Values["p"].(string)))
			}
		}
	})
	b.Cleanup(func() { cancel(); wait.Wait(); from.Close(); to.Close() })
	alone.ready(b)
	return alone, onHub(b, func() (wshub.Bus, error) { return redisbus.Open(b.Context(), "redis://"+addr, redisbus.Options{}) })
}

func connect(b *testing.B, url string) *nats.Conn {
	nc, err := nats.Connect(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	return nc
}

func jetStream(b *testing.B, url string) jetstream.JetStream {
	js, err := jetstream.New(connect(b, url))
	if err != nil {
		b.Fatal(err)
	}
	return js
}

func startNATS(b *testing.B) (url string) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	b.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		b.Fatal("the NATS server does not start")
	}
	return s.ClientURL()
}

func startRedis(b *testing.B) (addr string) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		b.Skip("redis-server is not installed (Debian: apt-get install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", b.TempDir(), "--save", "")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	wstest.Until(b, "redis-server takes connections", func() bool {
		c, err := net.Dial("tcp", addr)
		return err == nil && c.Close() == nil
	})
	return addr
}

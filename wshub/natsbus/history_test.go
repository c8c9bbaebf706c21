package natsbus

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// late is a stream whose consumers are at a server that has none of the messages yet.
type late struct{ jetstream.Stream }

func (l late) CreateConsumer(ctx context.Context, c jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	real, err := l.Stream.CreateConsumer(ctx, c)
	return nothingYet{real}, err
}

type nothingYet struct{ jetstream.Consumer }

func (c nothingYet) CachedInfo() *jetstream.ConsumerInfo {
	info := *c.Consumer.CachedInfo()
	info.NumPending = 0
	return &info
}

// expiring is a stream whose messages become too old while its consumer is made, or just
// after that.
type expiring struct {
	jetstream.Stream
	before bool
}

func (e expiring) CreateConsumer(ctx context.Context, c jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	if e.before {
		if err := e.Purge(ctx); err != nil {
			return nil, err
		}
		return e.Stream.CreateConsumer(ctx, c)
	}
	real, err := e.Stream.CreateConsumer(ctx, c)
	if err == nil {
		err = e.Purge(ctx)
	}
	return real, err
}

// three returns the shard of a bus that has three messages in a topic.
func three(t *testing.T) (s *stream, st state, topic string) {
	t.Helper()
	broker, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	broker.Start()
	t.Cleanup(func() { broker.Shutdown(); broker.WaitForShutdown() })
	if !broker.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	bus, err := OpenJetStream(t.Context(), broker.ClientURL(), Options{Shards: 1}, Keep{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	for range 3 {
		if _, err := bus.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText}); err != nil {
			t.Fatal(err)
		}
	}
	if topic, err = token("t"); err != nil {
		t.Fatal(err)
	}
	s = bus.shards[0]
	if st, err = s.look(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s, st, topic
}

// A server that does not have all messages yet answers nothing, which is not taken for
// all that there is.
func TestAServerThatIsBehindIsNoAnswer(t *testing.T) {
	shard, st, name := three(t)
	if all, err := shard.fetch(t.Context(), st, name, 1); len(all) != 3 || err != nil {
		t.Errorf("%d messages, %v; want 3", len(all), err)
	}
	st.stream = late{st.stream}
	if all, err := shard.fetch(t.Context(), st, name, 1); !errors.Is(err, errBehind) {
		t.Errorf("%d messages, %v; want errBehind", len(all), err)
	}
	if all, err := shard.fetch(t.Context(), st, name, st.at.Offset+1); len(all) != 0 || err != nil {
		t.Errorf("%d messages, %v; want none: nothing has come since", len(all), err)
	}
}

// Messages that become too old while they are asked for are gone, and no error.
func TestWhatBecomesTooOldMeanwhileIsGone(t *testing.T) {
	for _, before := range []bool{true, false} {
		shard, st, name := three(t)
		st.stream = expiring{st.stream, before}
		if all, err := shard.fetch(t.Context(), st, name, 1); len(all) != 0 || err != nil {
			t.Errorf("before there is a consumer %v: %d messages, %v; want none", before, len(all), err)
		}
	}
}

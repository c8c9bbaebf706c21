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

// A server that does not have all messages yet answers nothing, which is not taken for
// all that there is.
func TestAServerThatIsBehindIsNoAnswer(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	bus, err := OpenJetStream(t.Context(), s.ClientURL(), Options{Shards: 1}, Keep{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	for range 3 {
		if _, err := bus.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText}); err != nil {
			t.Fatal(err)
		}
	}
	shard := bus.shards[0]
	name, err := token("t")
	if err != nil {
		t.Fatal(err)
	}
	st, err := shard.look(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
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

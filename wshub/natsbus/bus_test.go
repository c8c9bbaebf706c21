package natsbus_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/bustest"
	"github.com/wirews/wirews/wshub/natsbus"
)

func TestCoreIsABus(t *testing.T) {
	b := startBroker(t, t.TempDir())
	bustest.Run(t, bustest.Broker{
		Open:      func(t testing.TB) wshub.Bus { return openCore(t, b) },
		Interrupt: b.interrupt,
	})
}

func openCore(t testing.TB, b *broker) *natsbus.Core {
	t.Helper()
	bus, err := natsbus.OpenCore(t.Context(), b.url(), natsbus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return bus
}

// interrupt ends the server. What is on the disk stays.
func (b *broker) interrupt(t testing.TB) (heal func()) {
	b.stop()
	return func() { b.start(t) }
}

func TestJetStreamIsABus(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, dir)
	bustest.Run(t, bustest.Broker{
		Open:      func(t testing.TB) wshub.Bus { return openStream(t, b, natsbus.Keep{Messages: 20}) },
		Positions: true,
		AtLeast:   20,
		Interrupt: b.interrupt,
		Forget: func(t testing.TB) {
			b.stop()
			if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
				t.Fatal(err)
			}
			b.start(t)
		},
	})
}

func openStream(t testing.TB, b *broker, k natsbus.Keep) *natsbus.JetStream {
	t.Helper()
	bus, err := natsbus.OpenJetStream(t.Context(), b.url(), natsbus.Options{}, k)
	if err != nil {
		t.Fatal(err)
	}
	return bus
}

func TestWhatIsWrongWithOptionsIsSaid(t *testing.T) {
	for _, o := range []natsbus.Options{{Prefix: "a.b"}, {Shards: -1}} {
		if _, err := natsbus.OpenCore(t.Context(), "", o); err == nil {
			t.Errorf("%+v is taken", o)
		}
		if _, err := natsbus.OpenJetStream(t.Context(), "", o, natsbus.Keep{}); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	b := startBroker(t, t.TempDir())
	b.stop()
	if _, err := natsbus.OpenCore(t.Context(), b.url(), natsbus.Options{}); err == nil {
		t.Error("there is no server")
	}
	b.start(t)
}

func TestNoErrorHasAPassword(t *testing.T) {
	for _, url := range []string{
		"nats://user:secret%zz@127.0.0.1:1", "nats://user:sec/secret@127.0.0.1:1", "nats://user:secret@127.0.0.1:port", "nats://user:secret@127.0.0.1:1",
	} {
		if _, err := natsbus.OpenCore(t.Context(), url, natsbus.Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}

// The time for opening a bus says nothing about how long it tries later.
func TestTheTimeForOpeningEndsWithIt(t *testing.T) {
	b := startBroker(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var limit time.Duration
	bus, err := natsbus.OpenCore(ctx, b.url(), natsbus.Options{Connect: []nats.Option{func(o *nats.Options) error { limit = o.Timeout; return nil }}})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	if limit != nats.DefaultTimeout {
		t.Errorf("an attempt to connect may take %v, want %v", limit, nats.DefaultTimeout)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := natsbus.OpenCore(over, b.url(), natsbus.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// What the broker refuses has not been sent, and nobody misses it.
func TestAMessageThatIsTooLongIsNoGap(t *testing.T) {
	b := startBroker(t, t.TempDir())
	here, there := openCore(t, b), openCore(t, b)
	got := make(chan wshub.BusEvent, 10)
	if _, _, err := there.Subscribe(t.Context(), "t", func(e wshub.BusEvent) { got <- e }); err != nil {
		t.Fatal(err)
	}
	publish(t, here, "t", "1")
	<-got
	if _, err := here.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText, Data: make([]byte, 2<<20)}); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("%v, want nats.ErrMaxPayload", err)
	}
	publish(t, here, "t", "2")
	if e := <-got; e.Gap || string(e.Data) != "2" {
		t.Errorf("gap %v, %q; want 2", e.Gap, e.Data)
	}
}

// A password with a comma is a mistake, as it ends a URL; and is not for a log either.
func TestAPasswordWithACommaIsNotTold(t *testing.T) {
	for _, url := range []string{"nats://user:sec,ret@127.0.0.1:1", "nats://sec,ret@127.0.0.1:1", "user:sec,ret@127.0.0.1:1"} {
		_, err := natsbus.OpenCore(t.Context(), url, natsbus.Options{})
		if err == nil || strings.Contains(err.Error(), "sec") || strings.Contains(err.Error(), "ret@") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestAKeepBelowZeroIsRefused(t *testing.T) {
	for _, k := range []natsbus.Keep{{Messages: -1}, {Messages: -257}, {Messages: math.MaxInt}, {Age: -1}, {Bytes: -2}} {
		_, err := natsbus.OpenJetStream(t.Context(), "nats://127.0.0.1:1", natsbus.Options{}, k)
		if err == nil || !strings.Contains(err.Error(), "Keep") {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

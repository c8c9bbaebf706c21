package natsbus_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

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
	bus := openCore(t, b)
	defer bus.Close()
	var wrong *natsbus.TopicError
	if _, err := bus.Publish(t.Context(), "", wshub.Record{}); !errors.As(err, &wrong) {
		t.Error(err)
	}
	b.stop()
	if _, err := natsbus.OpenCore(t.Context(), b.url(), natsbus.Options{}); err == nil {
		t.Error("there is no server")
	}
	b.start(t)
}

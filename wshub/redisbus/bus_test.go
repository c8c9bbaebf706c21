package redisbus_test

import (
	"math"
	"strings"
	"testing"

	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/bustest"
	"github.com/wirews/wirews/wshub/redisbus"
)

func TestRedisIsABus(t *testing.T) {
	for name, shards := range map[string]int{"one shard": 1, "three shards": 3} {
		t.Run(name, func(t *testing.T) {
			b := startBroker(t, "--appendonly", "yes", "--appendfsync", "always")
			bustest.Run(t, bustest.Broker{
				Open:      func(t testing.TB) wshub.Bus { return open(t, b, redisbus.Options{Messages: 20, Shards: shards}) },
				Positions: true,
				Messages:  20,
				Interrupt: func(t testing.TB) (heal func()) {
					b.kill()
					return func() { b.start(t) }
				},
				Forget: func(t testing.TB) { b.flush(t) },
			})
		})
	}
}

func open(t testing.TB, b *broker, o redisbus.Options) *redisbus.Bus {
	t.Helper()
	bus, err := redisbus.Open(t.Context(), b.url(), o)
	if err != nil {
		t.Fatal(err)
	}
	return bus
}

func TestWhatIsWrongWithOptionsIsSaid(t *testing.T) {
	for _, o := range []redisbus.Options{{Shards: -1}, {Messages: -1}, {Messages: math.MaxInt}, {Age: -1}, {Backlog: -1}} {
		if _, err := redisbus.Open(t.Context(), "redis://127.0.0.1", o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if _, err := redisbus.Open(t.Context(), "nats://127.0.0.1", redisbus.Options{}); err == nil {
		t.Error("a URL of NATS is taken")
	}
}

// What a password with a / or a ? makes of a URL is not told: it is the password.
func TestAPasswordThatEndsTheHostIsNotTold(t *testing.T) {
	for _, url := range []string{
		"redis://:/secret@127.0.0.1:1/0", "redis://user:12/secret@127.0.0.1:1", "redis://:?secret@127.0.0.1:1/0",
		"redis://:1/secret@127.0.0.1", "secret@127.0.0.1:1", "sec://secret@127.0.0.1:1",
	} {
		_, err := redisbus.Open(t.Context(), url, redisbus.Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

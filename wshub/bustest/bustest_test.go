package bustest_test

import (
	"testing"

	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/bustest"
)

func TestTheBusInMemory(t *testing.T) {
	for name, keep := range map[string]int{"without history": 0, "that keeps one message": 1, "that keeps 20": 20} {
		t.Run(name, func(t *testing.T) {
			var broker wshub.MemoryBroker
			broker.Retain = func(string) wshub.Retention { return wshub.Retention{Messages: keep} }
			bustest.Run(t, bustest.Broker{
				Open:      func(testing.TB) wshub.Bus { return broker.Bus() },
				Positions: true,
				Messages:  keep,
			})
		})
	}
}

package wshub_test

import (
	"fmt"
	"testing"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// BenchmarkPublish is what a hub adds to the deliveries themselves.
func BenchmarkPublish(b *testing.B) {
	for _, members := range []int{1, 100, 10_000} {
		for name, h := range map[string]*wshub.Hub{
			"plain":   {},
			"keeping": {Retain: keep(100)},
			"encoded": {Retain: keep(100), Encode: func(e wshub.Event) *wsflate.PreparedMessage { return wshub.Text(e.Data).Prepared }},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, members), func(b *testing.B) {
				for range members {
					m := h.Join(nothing{}, "")
					m.Subscribe("t")
					defer m.Leave()
				}
				m := wshub.Text([]byte("0123456789"))
				b.ReportAllocs()
				for b.Loop() {
					h.Publish("t", m)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*members), "ns/delivery")
			})
		}
	}
}

package ws_test

import (
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func BenchmarkUpgrade(b *testing.B) {
	conn := &memConn{In: wstest.Requests()[0].Raw}
	b.SetBytes(int64(len(conn.In)))
	b.ReportAllocs()
	for b.Loop() {
		conn.reset()
		if _, err := ws.Upgrade(conn); err != nil {
			b.Fatal(err)
		}
	}
}

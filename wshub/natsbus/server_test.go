package natsbus_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/wirews/wirews/internal/wstest"
)

// broker is a NATS server that can be ended and started again at its address.
type broker struct {
	options server.Options
	server  *server.Server
}

const patience = 30 * time.Second

// startBroker starts one that keeps its streams in dir.
func startBroker(t testing.TB, dir string) *broker {
	addr := wstest.FreeAddr(t)
	b := &broker{options: server.Options{Host: addr.Addr().String(), Port: int(addr.Port()), NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir}}
	b.start(t)
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start(t testing.TB) {
	o := b.options
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server does not start")
	}
	b.server = s
}

func (b *broker) stop() {
	b.server.Shutdown()
	b.server.WaitForShutdown()
}

func (b *broker) url() string {
	return "nats://" + net.JoinHostPort(b.options.Host, strconv.Itoa(b.options.Port))
}

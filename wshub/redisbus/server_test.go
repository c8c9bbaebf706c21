package redisbus_test

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
)

// broker is a redis-server that can be ended and started again at its address.
type broker struct {
	addr netip.AddrPort
	dir  string
	args []string
	cmd  *exec.Cmd
}

const patience = 30 * time.Second

// startBroker starts one that keeps what it is told in dir.
func startBroker(t testing.TB, args ...string) *broker {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed (Debian: apt-get install redis-server), and this test needs one")
	}
	b := &broker{addr: wstest.FreeAddr(t), dir: t.TempDir(), args: args}
	b.start(t)
	t.Cleanup(b.kill)
	return b
}

func (b *broker) start(t testing.TB) {
	t.Helper()
	args := append([]string{"--bind", "127.0.0.1", "--port", strconv.Itoa(int(b.addr.Port())), "--dir", b.dir, "--save", ""}, b.args...)
	b.cmd = exec.Command("redis-server", args...)
	b.cmd.Stderr = os.Stderr
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wstest.Until(t, "redis-server takes connections", func() bool {
		c, err := net.Dial("tcp", b.addr.String())
		return err == nil && c.Close() == nil
	})
}

func (b *broker) url() string { return "redis://" + b.addr.String() }

// kill ends the server by SIGKILL.
func (b *broker) kill() {
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

// flush has the server forget everything, without ending it.
func (b *broker) flush(t testing.TB) {
	t.Helper()
	c, err := net.Dial("tcp", b.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(c, "FLUSHALL\r\n")
	answer := make([]byte, 5)
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "+OK\r\n" {
		t.Fatalf("FLUSHALL: %q, %v", answer, err)
	}
}

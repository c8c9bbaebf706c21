//go:build !nobus

package main

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

func TestABusThatCannotBeIsRefused(t *testing.T) {
	nobody := wstest.FreeAddr(t).String()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   []string
	}{
		{"no URL", []string{"--bus", "127.0.0.1:4222"}, 1, []string{"--bus", "want nats://"}},
		{"another scheme", []string{"--bus", "kafka://user:s3cret@host"}, 1, []string{"kafka://host", "want nats://"}},
		{"two buses", []string{"--bus", "nats://127.0.0.1:1", "--cluster", "1/3"}, 1, []string{"--bus and --cluster"}},
		{"with --poll", []string{"--bus", "nats://127.0.0.1:1", "--poll"}, 1, []string{"--poll and --bus"}},
		{"a name without others", []string{"--node", "a"}, 1, []string{"--node", "--bus or --cluster"}},
		{"a bad name", []string{"--bus", "nats://127.0.0.1:1", "--node", "a b"}, 1, []string{"--node", `"a b"`}},
		{"a directory without a cluster", []string{"--cluster-dir", "/tmp"}, 1, []string{"--cluster-dir", "--cluster too"}},
		{"two nodes", []string{"--cluster", "1/2"}, 1, []string{"--cluster", `"1/2"`}},
		{"a port that is taken", []string{"--cluster", taken.Addr().String() + ",127.0.0.1:1,127.0.0.1:2"}, 1, []string{"--cluster", taken.Addr().String(), "in use"}},
		{"a directory that cannot be", []string{"--cluster", nobody + ",127.0.0.1:1,127.0.0.1:2", "--cluster-dir", os.DevNull}, 1, []string{os.DevNull, "directory"}},
		{"no NATS", []string{"--bus", "nats://user:s3cret@" + nobody}, 2, []string{"start the broker", nobody}},
		{"no JetStream", []string{"--bus", "jetstream://user:s3cret@" + nobody}, 2, []string{"start the broker", nobody}},
		{"no Redis", []string{"--bus", "redis://user:s3cret@" + nobody}, 2, []string{"start the broker", nobody}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := run(t, append([]string{"serve", "--log-level", "error", "--addr", "127.0.0.1:0"}, c.args...)...)
			if status != c.status || stdout != "" || !strings.HasPrefix(stderr, "wirews: ") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("status %d, stdout %q, stderr %q; want %d and one line", status, stdout, stderr, c.status)
			}
			for _, word := range c.want {
				if !strings.Contains(stderr, word) {
					t.Errorf("stderr is %q, want %q in it", stderr, word)
				}
			}
			if strings.Contains(stderr, "s3cret") {
				t.Errorf("stderr has the password: %q", stderr)
			}
		})
	}
}

// A node that waits for the others ends when it is told to.
func TestANodeThatWaitsEndsBySignal(t *testing.T) {
	ports := [3]string{wstest.FreeAddr(t).String()}
	for i := range ports[1:] {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports[1+i] = l.Addr().String()
		defer l.Close()
	}
	s := launchServe(t, "--cluster", strings.Join(ports[:], ","))
	s.logged("cluster")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.wait(); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
}

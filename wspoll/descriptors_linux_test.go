package wspoll_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// The environment of this program as a server that has few descriptors: the name of
// its poller.
const fewDescriptors = "WSPOLL_FEW_DESCRIPTORS"

// A server that runs out of descriptors waits, without trying all the time, and goes on
// when there are some again.
func TestAServerRunsOutOfDescriptors(t *testing.T) {
	if poller := os.Getenv(fewDescriptors); poller != "" {
		serveWithFewDescriptors(t, poller)
		return
	}
	onEach(t, func(t *testing.T, poller string) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAServerRunsOutOfDescriptors$", "-test.v")
		cmd.Env = append(os.Environ(), fewDescriptors+"="+poller)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); errors.Is(err, syscall.ENOEXEC) {
			t.Skipf("%v: this test starts itself, which an emulator alone cannot", err)
		} else if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(); cmd.Wait() })
		lines := bufio.NewScanner(out)
		next := func(prefix string) string {
			for lines.Scan() {
				if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
					return rest
				}
			}
			t.Fatalf("the server has ended without %q", prefix)
			return ""
		}
		addr := next("address ")
		var all []peer
		for range 100 { // more than it has descriptors for
			all = append(all, dial(t, addr))
		}
		for _, p := range all {
			p.Write([]byte(request))
		}
		next("refused ")
		for _, p := range all { // nobody was reset: who did not fit in has waited
			p.wantHead("HTTP/1.1 101 ")
			p.Close()
		}
		p := dial(t, addr)
		p.Write([]byte(request))
		p.wantHead("HTTP/1.1 101 ")
		p.send(text("hello"))
		p.want(ws.OpText, "hello")
		fmt.Fprintln(in, "end")
		var tries int
		if fmt.Sscan(next("tries "), &tries); tries == 0 || tries > 200 {
			t.Errorf("accepting has failed %d times, want some, and a pause after each", tries)
		}
	})
}

func serveWithFewDescriptors(t *testing.T, poller string) {
	var tries atomic.Int32
	refused := make(chan error, 1)
	s := &wspoll.Server{Loops: 1, OnMessage: echo, OnError: func(err error) {
		tries.Add(1)
		select {
		case refused <- err:
		default:
		}
	}}
	addr := serve(t, s, poller)
	limit := syscall.Rlimit{Cur: 40, Max: 40}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	fmt.Println("\naddress", addr)
	fmt.Println("refused", <-refused)
	stop := time.AfterFunc(patience, func() { os.Exit(1) })
	defer stop.Stop()
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("tries", tries.Load())
}

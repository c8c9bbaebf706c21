package attack

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

const asServer = "WIREWS_TEST_AS_SERVER"

// TestMain is a server when a test starts it as such: one that is attacked has a
// process of its own.
func TestMain(m *testing.M) {
	serve, ok := servers[os.Getenv(asServer)]
	if !ok {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	serve(l)
}

var servers = map[string]func(net.Listener){
	"weak":  new(weakServer).serve,
	"leaks": (&weakServer{leaks: true}).serve,
	"turns": (&weakServer{turns: true}).serve,
	"ours":  ours,
	"http2": overHTTP2,
}

// echo is on package websocket, with a limit of 1 MiB and a second for handshakes.
func echo() *websocket.Server {
	s := &websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.SetReadLimit(1 << 20)
		c.Serve(ctx, c.Write)
	}}
	s.Options.HandshakeTimeout = time.Second
	s.Options.CompressionMode = websocket.CompressionContextTakeover
	return s
}

func ours(l net.Listener) { echo().Serve(l) }

// overHTTP2 serves HTTP/2 without TLS too.
func overHTTP2(l net.Listener) {
	s := http.Server{Handler: echo(), ReadTimeout: time.Second, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.Serve(l)
}

// start starts a server, and returns options to attack it.
func start(t *testing.T, name string) Options {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	// A race detector's process sleeps for a second before it exits otherwise.
	cmd.Env = append(os.Environ(), asServer+"="+name, "GORACE=atexit_sleep_ms=0", "GODEBUG=http2xconnect=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse("ws://" + strings.TrimSpace(addr) + "/")
	if err != nil {
		t.Fatal(err)
	}
	o := Default()
	o.URL, o.PID = u, cmd.Process.Pid
	return o
}

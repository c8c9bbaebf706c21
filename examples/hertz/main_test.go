package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

// start serves until the test ends.
func start(t *testing.T) (addr string) {
	t.Helper()
	hlog.SetOutput(io.Discard)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := New(server.WithListener(l))
	go h.Run()
	t.Cleanup(func() { h.Close() })
	return l.Addr().String()
}

func TestEcho(t *testing.T) {
	addr := start(t)
	for path, want := range map[string]int{"/adaptor": http.StatusBadRequest, "/hijack": http.StatusUpgradeRequired, "/nothing": http.StatusNotFound} {
		t.Run(path[1:], func(t *testing.T) {
			if path != "/nothing" {
				peer.TestEcho(t, "ws://"+addr+path)
			}
			resp, err := http.Get("http://" + addr + path)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("a plain GET: status %d, want %d", resp.StatusCode, want)
			}
		})
	}
}

// What has arrived together with the request is not lost.
func TestHijackedFramesTogetherWithTheRequest(t *testing.T) {
	conn := peer.Connect(t, start(t))
	early := ws.NewTextFrame([]byte("early"))
	peer.Send(t, conn, peer.Frame([]byte("GET /hijack"+peer.Request[len("GET /"):]+"\r\n"), early))
	peer.WantAccepted(t, conn)
	peer.Want(t, conn, early)
}

// Hertz lets a field without a name pass.
func TestHijackedRequestWithAFieldWithoutAName(t *testing.T) {
	conn := peer.Connect(t, start(t))
	conn.Write([]byte("GET /hijack" + peer.Request[len("GET /"):] + ": x\r\n\r\n"))
	b := make([]byte, 4096)
	if n, err := conn.Read(b); err != nil || !strings.HasPrefix(string(b[:n]), "HTTP/1.1 400") {
		t.Errorf("%q, %v", b[:n], err)
	}
}

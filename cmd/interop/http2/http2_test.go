// Package http2 tries WebSocket over HTTP/2 with programs of others.
package http2

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	_ "github.com/wirews/wirews/websocket/xconnect"
	"github.com/wirews/wirews/ws"
)

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

// serve returns the address of an echo server of ours that speaks HTTP/1.1 and HTTP/2
// without TLS. It notes by which it was spoken to.
func serve(t *testing.T) (addr string, spoken chan string) {
	spoken = make(chan string, 100)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		spoken <- r.Proto
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), spoken
}

// need skips a test whose program is missing, or fails it where everything has to be
// there.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && os.Getenv("ALL_PEERS") == "true" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("not run: ", err)
	}
}

// start runs a program until the test ends, once it listens at addr.
func start(t *testing.T, addr string, command ...string) {
	t.Helper()
	need(t, command[0])
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	wstest.Until(t, command[0]+" listens", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

func freeAddr(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// talk has a client exchange messages with the server at addr, and close.
func talk(t *testing.T, addr string, client *http.Client) {
	t.Helper()
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+addr+"/", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, text := range []string{"hello", strings.Repeat("x", 100)} {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(ctx); err != nil || string(p) != text {
			t.Fatalf("%q, %v", p, err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Error(err)
	}
}

func overHTTP2() *http.Client {
	return &http.Client{Transport: &h2.Transport{UnencryptedHTTP2: true, Only: true}}
}

func TestOurClientWithNode(t *testing.T) {
	addr := freeAddr(t)
	start(t, addr, "node", "server.mjs", addr)
	talk(t, addr, overHTTP2())
}

func TestNodeWithOurServer(t *testing.T) {
	need(t, "node")
	addr, spoken := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", "client.mjs", "http://"+addr).CombinedOutput()
	if want := "offered true\nstatus 200\nmessage hello\nclosed 1000\n"; err != nil || string(out) != want {
		t.Errorf("%v, %s", err, out)
	}
	if got := <-spoken; got != "HTTP/2.0" {
		t.Errorf("the server was spoken to by %s", got)
	}
}

// python is Debian's, which has its packages.
const python = "/usr/bin/python3"

// needH2 is need for python3-h2.
func needH2(t *testing.T) {
	t.Helper()
	if err := exec.Command(python, "-c", "import h2").Run(); err != nil && os.Getenv("ALL_PEERS") == "true" {
		t.Fatal("python3-h2: ", err)
	} else if err != nil {
		t.Skip("not run, without python3-h2: ", err)
	}
}

func TestOurClientWithPython(t *testing.T) {
	needH2(t)
	addr := freeAddr(t)
	host, port, _ := net.SplitHostPort(addr)
	start(t, addr, python, "server_h2.py", host, port)
	talk(t, addr, overHTTP2())
}

func TestPythonWithOurServer(t *testing.T) {
	needH2(t)
	addr, spoken := serve(t)
	host, port, _ := net.SplitHostPort(addr)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "client_h2.py", host, port).CombinedOutput()
	if want := "offered True\nstatus 200\nmessage hello\nclosed 1000\n"; err != nil || string(out) != want {
		t.Errorf("%v, %s", err, out)
	}
	if got := <-spoken; got != "HTTP/2.0" {
		t.Errorf("the server was spoken to by %s", got)
	}
}

// HAProxy turns one into the other, both ways.
func TestHAProxyBetween(t *testing.T) {
	for _, tc := range []struct {
		name, bind, server string
		client             func() *http.Client
		spoken             string
	}{
		{"HTTP/2 in front, HTTP/1.1 to the server", "proto h2", "", overHTTP2, "HTTP/1.1"},
		{"HTTP/1.1 in front, HTTP/2 to the server", "", "proto h2", func() *http.Client { return &http.Client{Transport: &http.Transport{}} }, "HTTP/2.0"},
		{"HTTP/2 on both sides", "proto h2", "proto h2", overHTTP2, "HTTP/2.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			addr, spoken := serve(t)
			front := freeAddr(t)
			config := "defaults\n\tmode http\n\ttimeout connect 5s\n\ttimeout client 60s\n\ttimeout server 60s\n\ttimeout tunnel 60s\n" +
				"frontend front\n\tbind " + front + " " + tc.bind + "\n\tdefault_backend back\n" +
				"backend back\n\tserver s " + addr + " " + tc.server + "\n"
			file := filepath.Join(t.TempDir(), "haproxy.cfg")
			if err := os.WriteFile(file, []byte(config), 0o666); err != nil {
				t.Fatal(err)
			}
			start(t, front, "haproxy", "-db", "-f", file)
			talk(t, front, tc.client())
			if got := <-spoken; got != tc.spoken {
				t.Errorf("the server was spoken to by %s", got)
			}
		})
	}
}

// caddy starts Caddy, without TLS, between front and an upstream of its reverse_proxy.
// debug is its GODEBUG. CADDY names another binary than the one that is installed.
func caddy(t *testing.T, debug, front, upstream string) {
	t.Helper()
	binary := cmp.Or(os.Getenv("CADDY"), "caddy")
	need(t, binary)
	dir := t.TempDir()
	config := "{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\tlevel PANIC\n\t}\n\tservers {\n\t\tprotocols h1 h2 h2c\n\t}\n}\n" +
		"http://" + front + " {\n\treverse_proxy " + upstream + "\n}\n"
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	start(t, front, "env", "GODEBUG="+debug, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, binary, "run", "--config", file, "--adapter", "caddyfile")
}

// Caddy asks the server by HTTP/1.1. In front, a newer one offers WebSocket over HTTP/2 if
// its GODEBUG says so; where it is not offered, the client goes back to HTTP/1.1, if it may.
func TestCaddyBetween(t *testing.T) {
	addr, spoken := serve(t)
	byHTTP1 := func(t *testing.T) {
		t.Helper()
		if got := <-spoken; got != "HTTP/1.1" {
			t.Errorf("the server was spoken to by %s", got)
		}
	}
	offers := func(t *testing.T, front string) bool {
		t.Helper()
		c, _, err := websocket.Dial(t.Context(), "ws://"+front+"/", &websocket.DialOptions{HTTPClient: overHTTP2()})
		if err != nil {
			if !errors.Is(err, h2.ErrNotOffered) {
				t.Errorf("%v, want %v", err, h2.ErrNotOffered)
			}
			return false
		}
		c.CloseNow()
		byHTTP1(t)
		return true
	}
	for _, debug := range []string{"", "http2xconnect=1"} {
		t.Run("HTTP/2 in front, GODEBUG="+debug, func(t *testing.T) {
			front := freeAddr(t)
			caddy(t, debug, front, addr)
			client := &http.Client{Transport: &h2.Transport{UnencryptedHTTP2: true}}
			if offers(t, front) {
				if debug == "" {
					t.Error("it is offered without being asked for")
				}
				client = overHTTP2()
			} else if debug != "" && os.Getenv("CADDY") != "" {
				t.Error("CADDY is to be a newer one, and does not offer it")
			}
			talk(t, front, client)
			byHTTP1(t)
		})
	}
	t.Run("HTTP/2 to the server", func(t *testing.T) {
		front := freeAddr(t)
		caddy(t, "", front, "h2c://"+addr)
		_, _, err := websocket.Dial(t.Context(), "ws://"+front+"/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{}}})
		if e, ok := errors.AsType[*ws.ResponseError](err); !ok || e.Status != http.StatusBadGateway {
			t.Errorf("%v, want status 502", err)
		}
	})
}

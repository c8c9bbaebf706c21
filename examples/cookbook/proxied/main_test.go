package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

func start(t *testing.T, s *websocket.Server, wrap func(net.Listener) net.Listener) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(wrap(l))
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

func plain(l net.Listener) net.Listener { return l }

// connect dials by connections that begin with what is given.
func connect(ctx context.Context, addr, first string, header http.Header) (*websocket.Conn, error) {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			_, err = io.WriteString(conn, first)
		}
		return conn, err
	}
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial}}, HTTPHeader: header}
	c, _, err := websocket.Dial(ctx, "ws://"+addr+"/", opts)
	return c, err
}

func TestClientsAreBoundedByTheAddressThatTheProxyHasSeen(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := NewServer(clientAddr)
	addr := start(t, s, plain)
	for n := range s.MaxPerKey {
		c, err := connect(ctx, addr, "", http.Header{"X-Forwarded-For": {"192.0.2.1"}})
		if err != nil {
			t.Fatalf("connection %d: %v", n, err)
		}
		defer c.CloseNow()
	}
	var refused *ws.ResponseError
	_, err := connect(ctx, addr, "", http.Header{"X-Forwarded-For": {"192.0.2.1"}})
	if !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
		t.Errorf("one connection too many: %v", err)
	}
	c, err := connect(ctx, addr, "", http.Header{"X-Forwarded-For": {"192.0.2.2"}})
	if err != nil {
		t.Fatalf("another client: %v", err)
	}
	c.CloseNow()
}

func TestTheProxyProtocolTellsWhoTheClientIs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := NewServer(remoteAddr)
	addr := start(t, s, listen)
	c, err := connect(ctx, addr, "PROXY TCP4 192.0.2.1 192.0.2.9 4321 80\r\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if _, p, err := c.Read(ctx); err != nil || string(p) != "192.0.2.1:4321" {
		t.Errorf("the client is at %q, %v", p, err)
	}
	found := 0
	for range s.Find("192.0.2.1") {
		found++
	}
	if found != 1 {
		t.Errorf("%d connections of 192.0.2.1", found)
	}
	if _, err := connect(ctx, addr, "", nil); err == nil {
		t.Error("a connection that does not say who the client is was accepted")
	}
}

// TestHAProxySpeaksTheProxyProtocol has HAProxy in front, configured as the
// cookbook says.
func TestHAProxySpeaksTheProxyProtocol(t *testing.T) {
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		t.Skip("there is no HAProxy:", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := NewServer(remoteAddr)
	addr := start(t, s, listen)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := front.(*net.TCPListener).File() // HAProxy inherits it
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	front.Close()
	config := `
defaults
	mode http
	timeout connect 10s
	timeout client 1m
	timeout server 1m
frontend front
	bind fd@3
	default_backend chat
` + strings.Replace(shown(t), "127.0.0.1:8080", addr, 1) + "\n"
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(haproxy, "-db", "-q", "-f", path)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = t.Output(), t.Output(), []*os.File{socket}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()

	c, err := connect(ctx, front.Addr().String(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	_, p, err := c.Read(ctx)
	if want := c.LocalAddr().String(); err != nil || string(p) != want {
		t.Errorf("the client is at %q, %v, want %s", p, err, want)
	}
}

// shown returns the backend that docs/cookbook/proxies.md shows.
func shown(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/cookbook/proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "\n```haproxy\n")[1:] {
		if block, _, _ := strings.Cut(block, "\n```"); strings.Contains(block, "send-proxy") {
			return block
		}
	}
	t.Fatal("the page has no backend with the PROXY protocol")
	return ""
}

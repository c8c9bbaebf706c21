package interop_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// route is a way to our servers.
type route struct {
	name    string
	secure  bool
	echo    string // URL of the echo
	closing string // URL that closes with the code that is put behind it
}

// proxy is a reverse proxy.
type proxy struct {
	name    string
	probe   []string // prints the version
	missing string
	// command returns how to run it, with plain and secure as the addresses to
	// listen on. It passes /close/ on to closer, and all else to echo.
	command func(dir string, id identity, plain, secure, echo, closer string) (config string, command []string)
}

var proxies = []proxy{
	{
		name:    "nginx",
		probe:   []string{"nginx", "-v"},
		missing: "nginx: install the Debian package nginx-light",
		command: func(dir string, id identity, plain, secure, echo, closer string) (string, []string) {
			return fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log stderr error; worker_processes 1;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server {
		listen %[2]s; listen %[3]s ssl;
		ssl_certificate %[4]s; ssl_certificate_key %[5]s;
		proxy_http_version 1.1;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $http_connection;
		proxy_set_header Host $http_host;
		location / { proxy_pass http://%[6]s; }
		location /close/ { proxy_pass http://%[7]s; }
	}
}
`, dir, plain, secure, id.cert, id.key, echo, closer), []string{"nginx", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "config")}
		},
	},
	{
		name:    "HAProxy",
		probe:   []string{"haproxy", "-v"},
		missing: "haproxy: install the Debian package haproxy",
		command: func(dir string, id identity, plain, secure, echo, closer string) (string, []string) {
			return fmt.Sprintf(`defaults
	mode http
	timeout connect 10s
	timeout client 1m
	timeout server 1m
	timeout tunnel 1h
frontend front
	bind %s
	bind %s ssl crt %s alpn http/1.1
	use_backend closer if { path_beg /close/ }
	default_backend echo
backend echo
	server s %s
backend closer
	server s %s
`, plain, secure, id.both, echo, closer), []string{"haproxy", "-db", "-q", "-f", filepath.Join(dir, "config")}
		},
	},
}

// eachRoute runs a test with every way to our servers that is there.
func eachRoute(t *testing.T, id identity, test func(*testing.T, route)) {
	echo, closer := startEcho(t, serve.Default()), startCloser(t)
	t.Run("direct, ws", func(t *testing.T) {
		test(t, newRoute("direct", false, echo, closer.Listener.Addr().String()))
	})
	t.Run("direct, wss", func(t *testing.T) {
		o := serve.Default()
		o.TLS = id.serverConfig()
		secure := newCloser(t)
		secure.TLS = id.serverConfig()
		secure.StartTLS()
		t.Cleanup(secure.Close)
		test(t, newRoute("direct", true, startEcho(t, o), secure.Listener.Addr().String()))
	})
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			matrix.version(p.name, need(t, p.probe, p.missing))
			plain, secure := p.start(t, id, echo, closer.Listener.Addr().String())
			t.Run("ws", func(t *testing.T) { test(t, newRoute(p.name, false, plain, plain)) })
			t.Run("wss", func(t *testing.T) { test(t, newRoute(p.name, true, secure, secure)) })
		})
	}
}

func newRoute(name string, secure bool, echo, closer string) route {
	scheme := "ws"
	if secure {
		scheme = "wss"
	}
	return route{
		name: name + ", " + scheme, secure: secure,
		echo: scheme + "://" + echo + "/echo", closing: scheme + "://" + closer + "/close/",
	}
}

// start runs the proxy until the test ends, and returns where it listens.
func (p proxy) start(t *testing.T, id identity, echo, closer string) (plain, secure string) {
	t.Helper()
	dir := t.TempDir()
	addrs := freeAddrs(t, 2)
	plain, secure = addrs[0], addrs[1]
	config, command := p.command(dir, id, plain, secure, echo, closer)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon(t, secure, command...)
	return plain, secure
}

// freeAddrs returns n addresses that nobody listens on. They differ, because
// none is given up before the last is found.
func freeAddrs(t *testing.T, n int) (addrs []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// startEcho runs the server of "wirews serve" and returns its address.
func startEcho(t *testing.T, o serve.Options) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve.New(o)
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func startCloser(t *testing.T) *httptest.Server {
	s := newCloser(t)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// newCloser makes a server that closes each connection with the code that the
// URL ends with, and looks at the answer.
func newCloser(t *testing.T) *httptest.Server {
	return httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.ParseUint(strings.TrimPrefix(r.URL.Path, "/close/"), 10, 16)
		if err != nil {
			t.Error(err)
		}
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		body := ws.AppendClose(nil, ws.StatusCode(code), fmt.Sprintf("reason %d 👋", code))
		if err := ws.WriteFrame(conn, ws.NewCloseFrame(body)); err != nil {
			t.Error(err)
		}
		f, err := ws.ReadFrame(conn)
		if err != nil {
			t.Errorf("answer to %d: %v", code, err)
			return
		}
		f = ws.UnmaskFrame(f)
		if got, _, err := ws.ParseClose(f.Payload); got != ws.StatusCode(code) || err != nil || f.Header.OpCode != ws.OpClose {
			t.Errorf("answer to %d: %+v with %q, error %v", code, f.Header, f.Payload, err)
		}
	}))
}

package interop_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// route is a way to our servers.
type route struct {
	name    string
	secure  bool
	echo    string // URL of the echo
	closing string // URL that closes with the code that is put behind it
}

// ways are those to a server, in the order in which the matrix has them.
var ways = []string{"direct, ws", "direct, wss", "nginx, ws", "nginx, wss", "HAProxy, ws", "HAProxy, wss"}

// row names what a stack does in a way.
func (s stack) row(way string) string { return s.name + ", " + way }

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

// eachRoute runs a test with every way to the servers of a stack that is there.
// The reverse proxies are for the run that makes the matrix.
func eachRoute(t *testing.T, id identity, s stack, test func(*testing.T, route)) {
	echo, closer := s.start(t, nil)
	t.Run("direct, ws", func(t *testing.T) { test(t, newRoute(s, "direct", false, echo, closer)) })
	t.Run("direct, wss", func(t *testing.T) {
		echo, closer := s.start(t, id.serverConfig())
		test(t, newRoute(s, "direct", true, echo, closer))
	})
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			if !whole {
				t.Skip("reverse proxies are tried by make interop")
			}
			matrix.version(p.name, need(t, p.probe, p.missing))
			plain, secure := p.start(t, id, echo, closer)
			t.Run("ws", func(t *testing.T) { test(t, newRoute(s, p.name, false, plain, plain)) })
			t.Run("wss", func(t *testing.T) { test(t, newRoute(s, p.name, true, secure, secure)) })
		})
	}
}

func newRoute(s stack, way string, secure bool, echo, closer string) route {
	scheme := "ws"
	if secure {
		scheme = "wss"
	}
	return route{
		name: s.row(way + ", " + scheme), secure: secure,
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

package interop_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// route is a way to our servers.
type route struct {
	name    string
	secure  bool
	echo    string // URL of the echo
	closing string // URL that closes with the code that is appended to it
}

// ways are those to a server, in the order in which the matrix has them.
var ways = []string{"direct, ws", "direct, wss", "nginx, ws", "nginx, wss", "HAProxy, ws", "HAProxy, wss", "Caddy, ws", "Caddy, wss"}

// row names what a stack does in a way.
func (s stack) row(way string) string { return s.name + ", " + way }

// proxy is a reverse proxy.
type proxy struct {
	name     string
	language string   // of its configuration in docs/cookbook/proxies.md
	probe    []string // prints the version
	missing  string
	// changes are pairs of what that configuration has and what stands in its place
	// here: addresses to listen on, plain and secure, and those of the servers. What
	// begins with /close/ goes to closer, all else to echo.
	changes func(id identity, plain, secure, echo, closer string) []string
	// around is the rest of the configuration, in which it is %[2]s, and the
	// directory for files %[1]s.
	around  string
	command func(dir string) []string
}

var proxies = []proxy{
	{
		name:     "nginx",
		language: "nginx",
		probe:    []string{"nginx", "-v"},
		missing:  "nginx: install the Debian package nginx-light",
		changes: func(id identity, plain, secure, echo, closer string) []string {
			return []string{
				"listen 80;", "listen " + plain + ";", "listen 443 ssl;", "listen " + secure + " ssl;",
				"/etc/ssl/example.com.pem", id.cert, "/etc/ssl/example.com.key", id.key,
				"127.0.0.1:8080", echo, "location / {", "location /close/ { proxy_pass http://" + closer + "; }\n\tlocation / {",
			}
		},
		around: `daemon off; pid %[1]s/pid; error_log stderr error; worker_processes 1;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
%[2]s
}
`,
		command: func(dir string) []string {
			return []string{"nginx", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "config")}
		},
	},
	{
		name:     "HAProxy",
		language: "haproxy",
		probe:    []string{"haproxy", "-v"},
		missing:  "haproxy: install the Debian package haproxy",
		changes: func(id identity, plain, secure, echo, closer string) []string {
			return []string{
				"bind :80\n", "bind " + plain + "\n", "bind :443 ", "bind " + secure + " ", "/etc/ssl/example.com.pem", id.both,
				"default_backend chat", "use_backend closer if { path_beg /close/ }\n\tdefault_backend chat",
				"server chat1 127.0.0.1:8080", "server chat1 " + echo + "\nbackend closer\n\tserver closer1 " + closer,
			}
		},
		around:  "# in %[1]s\n%[2]s\n",
		command: func(dir string) []string { return []string{"haproxy", "-db", "-q", "-f", filepath.Join(dir, "config")} },
	},
	{
		name:     "Caddy",
		language: "caddyfile",
		probe:    []string{"caddy", "version"},
		missing:  "caddy: install the Debian package caddy",
		changes: func(id identity, plain, secure, echo, closer string) []string {
			return []string{
				"example.com {", "(site) {",
				"\n}", "\n}\nhttp://" + plain + " {\n\timport site\n}\nhttps://" + secure + " {\n\ttls " + id.cert + " " + id.key + "\n\timport site\n}",
				"reverse_proxy 127.0.0.1:8080", "reverse_proxy /close/* " + closer + "\n\treverse_proxy " + echo,
			}
		},
		around: `{
	admin off
	auto_https off
	storage file_system %[1]s
	log {
		level ERROR
	}
}
%[2]s
`,
		command: func(dir string) []string {
			return []string{"env", "XDG_CONFIG_HOME=" + dir, "caddy", "run", "--config", filepath.Join(dir, "config"), "--adapter", "caddyfile"}
		},
	},
}

// shown returns the first block in a language that the cookbook's page of proxies
// shows, with what is changed in it. Each change finds its place once.
func shown(t *testing.T, language string, changes []string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/cookbook/proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "\n```"+language+"\n")
	block, _, ended := strings.Cut(block, "\n```\n")
	if !found || !ended {
		t.Fatalf("the page shows no block of %s", language)
	}
	for i := 0; i < len(changes); i += 2 {
		if n := strings.Count(block, changes[i]); n != 1 {
			t.Fatalf("%q is there %d times in\n%s", changes[i], n, block)
		}
	}
	return strings.NewReplacer(changes...).Replace(block)
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
	config := fmt.Sprintf(p.around, dir, shown(t, p.language, p.changes(id, plain, secure, echo, closer)))
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon(t, secure, p.command(dir)...)
	listens(t, plain) // which may be later
	return plain, secure
}

// freeAddrs returns n addresses that nobody listens on. They differ, because
// none is given up before the last is found. Their ports are below those that Linux
// gives connections by itself (32768 on): one of those could be taken by any
// connection on the machine before the server that it is for has started.
func freeAddrs(t *testing.T, n int) (addrs []string) {
	t.Helper()
	for range 1000 {
		if len(addrs) == n {
			break
		}
		port := strconv.Itoa(15_000 + rand.IntN(17_000))
		l, err := net.Listen("tcp", ":"+port)
		if err != nil {
			continue
		}
		defer l.Close()
		addrs = append(addrs, net.JoinHostPort("127.0.0.1", port))
	}
	if len(addrs) < n {
		t.Fatalf("of a thousand ports %d are free", len(addrs))
	}
	return addrs
}

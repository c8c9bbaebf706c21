package interop_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// forward is a proxy that clients are configured to go through.
type forward struct {
	name    string
	probe   []string // succeeds if it is there, and prints the version
	missing string
	schemes []string // of its URLs: it listens at an address for each
	wrong   int      // status of an HTTP proxy's answer to a wrong password
	// command writes the files that it needs and returns what runs it at addrs, which
	// are in the order of schemes. It asks for name and password if locked is set.
	command func(t *testing.T, id identity, addrs []string, locked bool) []string
}

// What a locked proxy asks for, and the password as crypt(3) keeps it.
const (
	forwardUser     = "Aladdin"
	forwardPassword = "opensesame"
	forwardHash     = "$6$abcdefgh$QXTs.00Cis7E8ACa/2JW3cJc1VkNnVRF6rlDkdAWGO8WAh2N..gxqH2RPkUOsUteio8M9lgw/DSOCdw5jAGCt1"
)

var forwards = []forward{
	{
		name:    "squid",
		probe:   []string{"squid", "-v"},
		missing: "squid: install the Debian package squid",
		schemes: []string{"http", "https"},
		wrong:   http.StatusProxyAuthRequired,
		command: squid,
	},
	{
		name:    "tinyproxy",
		probe:   []string{"tinyproxy", "-v"},
		missing: "tinyproxy: install the Debian package tinyproxy-bin",
		schemes: []string{"http"},
		wrong:   http.StatusUnauthorized, // which RFC 9110 has for servers
		command: tinyproxy,
	},
	{
		name: "microsocks",
		// It has no option that prints the version.
		probe:   []string{"dpkg-query", "--show", "microsocks"},
		missing: "microsocks: install the Debian package microsocks",
		schemes: []string{"socks5h"},
		command: func(_ *testing.T, _ identity, addrs []string, locked bool) []string {
			host, port, _ := net.SplitHostPort(addrs[0])
			command := []string{"microsocks", "-i", host, "-p", port}
			if locked {
				command = append(command, "-u", forwardUser, "-P", forwardPassword)
			}
			return command
		},
	},
	{
		name:    "dante",
		probe:   []string{"sh", "-c", "danted -v && test -e /usr/lib/*/libnss_wrapper.so"},
		missing: "danted and libnss_wrapper.so: install the Debian packages dante-server and libnss-wrapper",
		schemes: []string{"socks5"},
		command: dante,
	},
}

// start runs the proxy until the test ends, and returns its URLs.
func (f forward) start(t *testing.T, id identity, locked bool) (urls []string) {
	t.Helper()
	addrs := freeAddrs(t, len(f.schemes))
	command := f.command(t, id, addrs, locked)
	for i, scheme := range f.schemes {
		urls = append(urls, scheme+"://"+addrs[i])
	}
	daemon(t, addrs[len(addrs)-1], command...)
	return urls
}

// squid reads its certificate before it becomes another user, if it is started by
// root, and the passwords afterwards.
func squid(t *testing.T, id identity, addrs []string, locked bool) []string {
	allowed := "all"
	config := fmt.Sprintf("http_port %s\nhttps_port %s tls-cert=%s tls-key=%s\n", addrs[0], addrs[1], id.cert, id.key)
	if locked {
		allowed = "known"
		passwords := write(t, "passwords", forwardUser+":"+forwardHash+"\n")
		letEveryoneRead(t, passwords)
		config += "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + passwords + "\nauth_param basic casesensitive on\nacl known proxy_auth REQUIRED\n"
	}
	config += `http_access allow ` + allowed + `
http_access deny all
cache deny all
access_log none
cache_log /dev/null
pid_filename none
coredump_dir none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
`
	// The name is that of its shared memory as well, of which there is one for each.
	_, port, _ := net.SplitHostPort(addrs[0])
	return []string{"squid", "-N", "-n", "wirews" + port, "-d", "0", "-f", write(t, "squid.conf", config)}
}

func tinyproxy(t *testing.T, _ identity, addrs []string, locked bool) []string {
	host, port, _ := net.SplitHostPort(addrs[0])
	config := "Listen " + host + "\nPort " + port + "\nLogLevel Critical\nMaxClients 20\n"
	if locked {
		config += "BasicAuth " + forwardUser + " " + forwardPassword + "\n"
	}
	return []string{"tinyproxy", "-d", "-c", write(t, "tinyproxy.conf", config)}
}

// dante looks names and passwords up as the system does. It is shown those of a
// file instead, because a test adds no user to the machine.
func dante(t *testing.T, _ identity, addrs []string, locked bool) []string {
	me := currentUser(t)
	method := "none"
	if locked {
		method = "username"
	}
	host, port, _ := net.SplitHostPort(addrs[0])
	config := fmt.Sprintf(`logoutput: stderr
errorlog: stderr
internal: %s port = %s
external: lo
clientmethod: none
socksmethod: %s
user.privileged: %[4]s
user.unprivileged: %[4]s
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 protocol: tcp }
`, host, port, method, me.Username)
	const nobody = ":x:65534:65534::/:/bin/false\n"
	file := write(t, "dante.conf", config)
	return []string{
		"env", "LD_PRELOAD=libnss_wrapper.so",
		"NSS_WRAPPER_PASSWD=" + write(t, "passwd", fmt.Sprintf("%s:x:%s:%s::/:/bin/sh\n", me.Username, me.Uid, me.Gid)+forwardUser+nobody+"nobody"+nobody),
		"NSS_WRAPPER_GROUP=" + write(t, "group", "mine:x:"+me.Gid+":\nnogroup:x:65534:\n"),
		"NSS_WRAPPER_SHADOW=" + write(t, "shadow", forwardUser+":"+forwardHash+":19000:0:99999:7:::\n"),
		"danted", "-f", file, "-p", strings.TrimSuffix(file, "conf") + "pid",
	}
}

func currentUser(t *testing.T) *user.User {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return me
}

func letEveryoneRead(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(path)
	if err := errors.Join(os.Chmod(path, 0o644), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
}

// write makes a file that is there until the test ends.
func write(t *testing.T, name, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

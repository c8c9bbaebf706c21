package connect

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
)

func TestTheOutcomeSaysWhyThereIsNoConnection(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/mute":
			<-r.Context().Done()
		case "/hangup":
			conn, _, _ := http.NewResponseController(w).Hijack()
			conn.Close()
		case "/liar":
			conn, _, _ := http.NewResponseController(w).Hijack()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
			conn.Close()
		default:
			http.Error(w, "not \x1b[31mtoday", http.StatusForbidden)
		}
	}))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	base := "ws" + strings.TrimPrefix(plain.URL, "http")
	for _, c := range []struct {
		name, url string
		timeout   time.Duration
		want      exit.Status
		words     []string
	}{
		{"nobody listens", "ws://" + closed.Addr().String(), patience, exit.Unreachable, []string{"refused"}},
		{"unknown authority", "wss" + strings.TrimPrefix(secure.URL, "https"), patience, exit.Unreachable, []string{"certificate"}},
		{"no TLS", "wss" + strings.TrimPrefix(plain.URL, "http"), patience, exit.Unreachable, []string{"tls"}},
		{"another status", base, patience, exit.Refused, []string{"403 Forbidden", `not \x1b[31mtoday`}},
		{"no answer", base + "/mute", time.Millisecond, exit.TimedOut, []string{"--connect-timeout"}},
		{"no response", base + "/hangup", patience, exit.Lost, []string{"lost"}},
		{"wrong key", base + "/liar", patience, exit.BrokenRules, []string{"Accept"}},
	} {
		o := Default()
		o.ConnectTimeout = c.timeout
		_, _, err := runPipe(t, mustParse(t, c.url), o, "")
		wantOutcome(t, c.name, err, c.want, c.words...)
	}
}

// A refusal whose body does not end is one all the same, with what has come of
// the body, and long before any time limit.
func TestARefusalIsSaidWhetherItsBodyEndsOrNot(t *testing.T) {
	for name, c := range map[string]struct{ head, body, words string }{
		"a body that stalls":           {"Content-Length: 1000\r\n", "no", "403 Forbidden: no"},
		"a body without a length":      {"", "no", "403 Forbidden: no"},
		"a chunk that stalls":          {"Transfer-Encoding: chunked\r\n", "9\r\nno", "403 Forbidden: no"},
		"no body in spite of a length": {"Content-Length: 1000\r\n", "", "403 Forbidden"},
	} {
		for _, verbose := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, verbose %v", name, verbose), func(t *testing.T) {
				t.Parallel() // each takes a second
				u := startRefusing(t, "HTTP/1.1 403 Forbidden\r\n"+c.head+"\r\n"+c.body)
				o := Default()
				o.ConnectTimeout, o.Verbose = 0, verbose
				_, trace, err := runPipe(t, u, o, "")
				wantOutcome(t, name, err, exit.Refused, c.words)
				if verbose && !strings.Contains(trace, "<- HTTP/1.1 403 Forbidden\n") {
					t.Errorf("%s: the trace is %q", name, trace)
				}
			})
		}
	}
}

// startRefusing runs a server that answers, and then does nothing.
func startRefusing(t *testing.T, answer string) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		http.ReadRequest(bufio.NewReader(conn))
		io.WriteString(conn, answer)
		discard(conn)
	}()
	return mustParse(t, "ws://"+l.Addr().String())
}

func TestTheRequestCarriesWhatWasAskedFor(t *testing.T) {
	seen := make(chan *http.Request, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		http.Error(w, "no", http.StatusTeapot)
	}))
	path := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s.Listener.Close()
	s.Listener = l
	s.StartTLS()
	defer s.Close()

	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	o := Default()
	o.Unix = path
	o.TLS = &tls.Config{RootCAs: roots}
	o.UserInfo = url.UserPassword("Aladdin", "open sesame")
	o.Subprotocols = []string{"chat.v2", "chat.v1"}
	for _, line := range []string{"X-One: 1", "x-two:2: 2", "Host: other.example", "Origin: https://page.example"} {
		if err := AddHeader(o.Header, line); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = runPipe(t, mustParse(t, "wss://example.com/path?query"), o, "")
	wantOutcome(t, "teapot", err, exit.Refused, "418")
	r := <-seen
	user, password, _ := r.BasicAuth()
	if r.Host != "other.example" || r.URL.String() != "/path?query" || user != "Aladdin" || password != "open sesame" {
		t.Errorf("host %q, URL %q, user %q with %q", r.Host, r.URL, user, password)
	}
	for name, want := range map[string]string{
		"X-One": "1", "X-Two": "2: 2", "Origin": "https://page.example", "Sec-WebSocket-Protocol": "chat.v2, chat.v1",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

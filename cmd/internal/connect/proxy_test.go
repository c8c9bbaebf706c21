package connect

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// startProxy runs an HTTP proxy that knows one user, and returns its address.
func startProxy(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		w.WriteHeader(http.StatusOK)
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		go io.Copy(there, buffered)
		io.Copy(here, there)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestAConversationGoesThroughAProxyAndSaysSo(t *testing.T) {
	u, proxy := startServer(t, "/echo"), startProxy(t)
	for _, c := range []struct {
		name, proxy, noProxy string
		want                 exit.Status
		words, shown         string
	}{
		{"with a password", "http://me:secret@" + proxy, "", exit.OK, "", "* through the proxy http://me:xxxxx@"},
		{"without a scheme", "me:secret@" + proxy, "", exit.OK, "", "* through the proxy"},
		{"without a password", "http://" + proxy, "", exit.Unreachable, "name:password", ""},
		{"left out", "http://" + proxy, "example.com,127.0.0.1", exit.OK, "", ""},
		{"all left out", "http://" + proxy, "*", exit.OK, "", ""},
		{"nobody listens", "socks5h://127.0.0.1:1", "", exit.Unreachable, "--noproxy", ""},
	} {
		find, err := ProxyFunc(c.proxy, c.noProxy)
		if err != nil {
			t.Fatal(err)
		}
		o := Default()
		o.Proxy, o.Verbose, o.Pipe.Messages, o.Pipe.Count = find, true, []string{"hi"}, 1
		var out, trace bytes.Buffer
		err = Pipe(t.Context(), u, o, strings.NewReader(""), &out, &trace)
		if c.words == "" {
			wantOutcome(t, c.name, err, c.want)
		} else {
			wantOutcome(t, c.name, err, c.want, c.words)
		}
		if got := strings.Contains(trace.String(), "* through"); got != (c.shown != "") && c.want == exit.OK || !strings.Contains(trace.String(), c.shown) {
			t.Errorf("%s: shown is %q, want %q in it", c.name, trace.String(), c.shown)
		}
		if strings.Contains(trace.String(), "secret") {
			t.Errorf("%s: the password is shown: %q", c.name, trace.String())
		}
	}
}

func TestTheProxyOfTheEnvironmentIsFound(t *testing.T) {
	for _, c := range []struct {
		name, target string
		env          map[string]string
		want         string
	}{
		{"none", "http://example.com", nil, ""},
		{"for ws", "http://example.com", map[string]string{"http_proxy": "a:1"}, "http://a:1"},
		{"for wss", "https://example.com", map[string]string{"http_proxy": "a:1", "HTTPS_PROXY": "socks5h://b:2"}, "socks5h://b:2"},
		{"for all", "https://example.com", map[string]string{"all_proxy": "c:3"}, "http://c:3"},
		{"not for some", "https://x.example.com", map[string]string{"ALL_PROXY": "c:3", "no_proxy": ".example.com"}, ""},
		{"not for this machine", "https://localhost", map[string]string{"ALL_PROXY": "c:3"}, ""},
	} {
		for _, name := range []string{"http_proxy", "https_proxy", "all_proxy", "no_proxy"} {
			t.Setenv(name, "")
			t.Setenv(strings.ToUpper(name), "")
		}
		for name, value := range c.env {
			t.Setenv(name, value)
		}
		find, err := ProxyFunc("", "")
		if err != nil {
			t.Fatal(err)
		}
		target, err := url.Parse(c.target)
		if err != nil {
			t.Fatal(err)
		}
		got, err := find(target)
		if err != nil || got == nil && c.want != "" || got != nil && got.String() != c.want {
			t.Errorf("%s: %v, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestAProxyThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	for _, proxy := range []string{"ftp://me:secret@host", "http://me:secret@", "http://me:secret@host:port"} {
		if _, err := ProxyFunc(proxy, ""); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "--proxy") {
			t.Errorf("%q: %v", proxy, err)
		}
	}
}

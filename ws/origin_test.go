package ws_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

var originCases = []struct {
	name         string
	origin, host string
	want         bool
}{
	{"same", "http://example.com", "example.com", true},
	{"same over TLS", "https://example.com", "example.com", true},
	{"case", "HTTPS://Example.COM", "eXample.com", true},
	{"default port in Host", "http://example.com", "example.com:80", true},
	{"default port in Origin", "http://example.com:80", "example.com", true},
	{"default port of https", "https://example.com:443", "example.com", true},
	{"port", "http://localhost:8080", "localhost:8080", true},
	{"IPv6", "http://[::1]:8080", "[::1]:8080", true},
	{"IPv6 that ends like a port", "http://[::80]", "[::80]", true},
	{"https on port 80", "https://example.com:80", "example.com:80", true},
	{"ws", "ws://example.com", "example.com", true},
	{"wss", "wss://example.com", "example.com", true},
	{"case of wss", "WSS://example.com", "example.com", true},
	{"default port of ws", "ws://example.com:80", "example.com", true},
	{"default port of wss", "wss://example.com", "example.com:443", true},
	{"port of wss", "wss://example.com:8443", "example.com:8443", true},

	{"another host by wss", "wss://evil.example", "example.com", false},
	{"default port of ws for wss", "wss://example.com:80", "example.com", false},
	{"default port of wss for ws", "ws://example.com", "example.com:443", false},
	{"W36: another host", "http://evil.example", "example.com", false},
	{"W36: subdomain", "http://a.example.com", "example.com", false},
	{"W36: parent", "http://example.com", "a.example.com", false},
	{"W36: suffix", "http://notexample.com", "example.com", false},
	{"W36: prefix", "http://example.com.evil", "example.com", false},
	{"W36: another port", "http://example.com:8080", "example.com", false},
	{"W36: another port in Host", "http://example.com", "example.com:8080", false},
	{"W36: default port of the other scheme", "http://example.com", "example.com:443", false},
	{"W36: default port of the other scheme in Origin", "https://example.com:80", "example.com", false},
	{"W36: opaque origin", "null", "null", false},
	{"W36: empty", "", "", false},
	{"W36: empty host", "http://", "", false},
	{"W36: no scheme", "example.com", "example.com", false},
	{"W36: empty scheme", "://example.com", "example.com", false},
	{"W36: extension of a browser", "chrome-extension://localhost", "localhost", false},
	{"W36: file", "file://", "example.com", false},
	{"W36: userinfo", "http://example.com@evil.example", "example.com", false},
	{"W36: userinfo of the host", "http://evil@example.com", "example.com", false},
	{"W36: path", "http://example.com/", "example.com", false},
	{"W36: query", "http://example.com?", "example.com", false},
	{"W36: port that is none", "http://example.com:x", "example.com:x", false},
	{"W36: two origins", "http://example.com http://evil.example", "example.com", false},
	{"W36: Kelvin sign", "http://kelvin.example", "\u212aelvin.example", false},
	{"W36: Kelvin sign in Origin", "http://\u212aelvin.example", "kelvin.example", false},
	{"W36: trailing dot", "http://example.com.", "example.com", false},
}

func TestSameOrigin(t *testing.T) {
	for _, c := range originCases {
		t.Run(c.name, func(t *testing.T) {
			if got := ws.SameOrigin([]byte(c.origin), []byte(c.host)); got != c.want {
				t.Errorf("SameOrigin(%q, %q) = %v", c.origin, c.host, got)
			}
		})
	}
}

func TestSameOriginDoesNotAllocate(t *testing.T) {
	origin := []byte("https://" + strings.Repeat("long-label.", 10) + "example.com")
	host := origin[len("https://"):]
	wantAllocs(t, 0, func() {
		if !ws.SameOrigin(origin, host) {
			t.Error("refused")
		}
	})
}

func TestAllowOriginsAllowsWhatSameOriginDoes(t *testing.T) {
	allow, err := ws.AllowOrigins()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range originCases {
		if got := allow([]byte(c.origin), []byte(c.host)); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestAllowOriginsMatchesPatterns(t *testing.T) {
	cases := []struct {
		pattern, origin string
		want            bool
	}{
		{"https://*.example.com", "https://a.example.com", true},
		{"https://*.example.com", "https://a.b.example.com", true},
		{"https://*.Example.com", "HTTPS://A.EXAMPLE.COM", true},
		{"https://*.example.com", "http://a.example.com", false},
		{"https://*.example.com", "https://example.com", false},
		{"https://*.example.com", "https://a.example.com:8443", false},
		{"https://*.example.com", "https://a.example.com.evil", false},
		{"https://*.example.com", "https://evil@a.example.com", false},
		{"https://*.example.com", "https://evil:1@a.example.com", false},
		{"https://*.example.com", "https://evil?.example.com", false},
		{"https://*.example.com", "https://evil#.example.com", false},
		{"https://*.example.com", "https://evil\\.example.com", false},
		{"*.example.com", "https://a.example.com", true},
		{"*.example.com", "anything://a.example.com", true},
		{"*.example.com", "https://evil/.example.com", false},
		{"*.example.com", "a.example.com", false},
		{"localhost:*", "http://localhost:3000", true},
		{"localhost:*", "http://localhost", false},
		{"localhost", "http://localhost:80", false},
		{"[::1]:*", "http://[::1]:3000", true},
		{"[::1]:*", "http://1:3000", false},
		{"http://[::1]:8080", "http://[::1]:8080", true},
		{"*", "http://evil.example", true},
		{"*", "null", true},
		{"*", "file://", true},
		{"**", "null", false},
		{"null", "null", true},
		{"NULL", "null", true},
		{"null", "Null", false},
		{"n*", "null", false},
		{"null", "https://example.com", false},
		{"file://", "file://", true},
		{"file://*", "file://", false},
		{"file://", "https://example.com", false},
		{"*://*", "file://", false},
		{"://", "://", false},
		{"a.example.com", "a.example.com", false},
		{"chrome-extension://abcdef", "chrome-extension://abcdef", true},
		{"?.example", "http://a.example", true},
	}
	for _, c := range cases {
		allow, err := ws.AllowOrigins("unrelated", c.pattern)
		if err != nil {
			t.Fatalf("%q: %v", c.pattern, err)
		}
		if got := allow([]byte(c.origin), []byte("server")); got != c.want {
			t.Errorf("%q for %q: got %v", c.pattern, c.origin, got)
		}
	}
}

func TestAllowOriginsRefusesMalformedPatterns(t *testing.T) {
	for _, p := range []string{"", "[", "a[", "[a-", "x\\"} {
		allow, err := ws.AllowOrigins("good", p)
		if allow != nil || !errors.Is(err, path.ErrBadPattern) || !strings.Contains(err.Error(), "ws: ") {
			t.Errorf("%q: got %v", p, err)
		}
	}
}

package httpx_test

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestIsHost(t *testing.T) {
	tests := []struct {
		name string
		host string
		want bool
	}{
		{"name", "example.com", true},
		{"name and port", "example.com:8080", true},
		{"port 0", "a:0", true},
		{"highest port", "a:65535", true},
		{"empty port", "a:", true},
		{"IPv4", "127.0.0.1:80", true},
		{"IPv6", "[::1]", true},
		{"IPv6 and port", "[2001:db8::7]:443", true},
		{"IPv6 with IPv4 tail", "[::ffff:192.0.2.1]", true},
		{"IPvFuture", "[v1.a:b]", true},
		{"sub-delims and unreserved", "a-._~!$&'()*+,;=b", true},
		{"percent-encoded", "%c3%A9.example", true},

		{"empty", "", false},
		{"port alone", ":80", false},
		{"port above 65535", "a:65536", false},
		{"very long port", "a:" + strings.Repeat("9", 40), false},
		{"W20: port digit", "a:8?", false},
		{"signed port", "a:+80", false},
		{"two ports", "a:80:81", false},
		{"userinfo", "user@a", false},
		{"path", "a/b", false},
		{"query", "a?b", false},
		{"space", "a b", false},
		{"tab", "a\tb", false},
		{"backslash", `a\b`, false},
		{"quote", `"a"`, false},
		{"not ASCII", "\xc3\xa9", false},
		{"broken percent-encoding", "%c", false},
		{"percent-encoding of no digits", "%zz", false},
		{"IPv6 without brackets", "::1", false},
		{"unterminated brackets", "[::1", false},
		{"text behind brackets", "[::1]a", false},
		{"empty brackets", "[]", false},
		{"IPv4 in brackets", "[127.0.0.1]", false},
		{"zone", "[fe80::1%25en0]", false},
		{"name in brackets", "[example.com]", false},
		{"IPvFuture without version", "[v.a]", false},
		{"IPvFuture without address", "[v1.]", false},
		{"IPvFuture without dot", "[v1]", false},
		{"IPvFuture with a slash", "[v1.a/b]", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := httpx.IsHost(tt.host); got != tt.want {
				t.Errorf("IsHost(%q) = %v, want %v", tt.host, got, tt.want)
			}
			if got := httpx.IsHost([]byte(tt.host)); got != tt.want {
				t.Errorf("IsHost([]byte(%q)) = %v, want %v", tt.host, got, tt.want)
			}
		})
	}
}

// net/netip judges the same IPv6 addresses. The generator is seeded, so that
// a failure comes back.
func TestIsHostAgreesWithNetipAboutIPv6(t *testing.T) {
	pieces := []string{":", "::", ":", "0", "1", "ffff", "12345", "g", "1.2.3.4", "256.1.1.1", "01.1.1.1", "1.2.3", ".", "db8", ":"}
	rng := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range 200_000 {
		var b strings.Builder
		for range 1 + rng.IntN(16) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		addr, err := netip.ParseAddr(b.String())
		want := err == nil && addr.Is6()
		if want {
			valid++
		}
		if got := httpx.IsHost("[" + b.String() + "]"); got != want {
			t.Fatalf("IsHost(%q) = %v, want %v", "["+b.String()+"]", got, want)
		}
	}
	if valid < 100 {
		t.Errorf("only %d addresses were valid", valid)
	}
}

func TestCheckHost(t *testing.T) {
	tests := []struct {
		name   string
		fields string
		want   string
		ok     bool
	}{
		{"one", "Host: a:80\r\n", "a:80", true},
		{"empty value", "Host:\r\n", "", true},
		{"none", "A: b\r\n", "", false},
		{"W18: two", "Host: a\r\nHost: b\r\n", "", false},
		{"bad", "Host: a@b\r\n", "", false},
		{"list", "Host: a, b\r\n", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host, err := httpx.CheckHost(parseFields(t, tt.fields))
			if !tt.ok {
				wantSyntaxError(t, err, "host")
			} else if err != nil {
				t.Error(err)
			}
			if string(host) != tt.want {
				t.Errorf("got %q, want %q", host, tt.want)
			}
		})
	}
}

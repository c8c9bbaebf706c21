package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

// RFC 9112, 3.2.2: "When an origin server receives a request with an
// absolute-form of request-target, the origin server MUST ignore the received
// Host header field (if any) and instead use the host information of the
// request-target."
func TestTheHostOfARequest(t *testing.T) {
	for _, c := range []struct{ target, field, host string }{
		{"/chat", "a", "a"},
		{"/chat?u=http://evil/", "a:8080", "a:8080"},
		{"*", "a", "a"},
		{"http://evil/", "a", "evil"},
		{"http://evil", "a", "evil"},
		{"ws://evil:8080/chat?b://c", "a", "evil:8080"},
		{"wss://[::1]:8443?x", "a", "[::1]:8443"},
		{"http:///", "a", ""},
		{"evil:443", "a", "a"},
		{"x?http://evil/", "a", "a"},
	} {
		r, err := httpx.ParseRequest([]byte("GET "+c.target+" HTTP/1.1\r\nHost: "+c.field+"\r\n\r\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Host()); got != c.host {
			t.Errorf("%q with Host %q: got %q, want %q", c.target, c.field, got, c.host)
		}
	}
	if got := new(httpx.Request).Host(); got != nil {
		t.Errorf("of an empty request: %q", got)
	}
}

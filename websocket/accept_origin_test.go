package websocket_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// RFC 9112, 3.2.2: with a target that is a whole URI, Host is ignored.
func TestTheTargetsHostIsComparedWithTheOrigin(t *testing.T) {
	for _, tc := range []struct {
		target, host, origin string
		ok                   bool
	}{
		{"http://evil/", "a", "http://a", false},
		{"http://evil/", "a", "http://evil", true},
		{"https://a/", "evil", "https://a", true},
		{"ws://a:8080/chat", "evil", "http://a:8080", true},
		{"ws://a:8080/chat", "evil", "http://evil", false},
		{"WSS://a/chat?x=1", "evil", "wss://a", true},
		{"/chat", "a", "ws://a", true},
		{"/chat", "a", "wss://a", true},
		{"/chat", "a", "wss://b", false},
	} {
		head := wstest.GoodRequest().Replace("Host", tc.host).With("Origin: " + tc.origin)
		head.Start = "GET " + tc.target + " HTTP/1.1"
		errs, responses, _ := ask(t, nil, head.Bytes())
		for i, front := range []string{"Accept", "AcceptConn"} {
			status := http.StatusSwitchingProtocols
			if !tc.ok {
				status = http.StatusForbidden
			}
			if responses[i].StatusCode != status || tc.ok != (errs[i] == nil) || !tc.ok && !errors.Is(errs[i], ws.ErrHandshakeBadOrigin) {
				t.Errorf("%s of %s for Host %s from %s: status %d, %v", front, tc.target, tc.host, tc.origin, responses[i].StatusCode, errs[i])
			}
		}
	}
}

func TestAPatternMatchesAnOriginWithoutAHost(t *testing.T) {
	for _, origin := range []string{"null", "file://"} {
		for pattern, status := range map[string]int{origin: 101, "example.com": 403} {
			_, responses, _ := ask(t, &websocket.AcceptOptions{OriginPatterns: []string{pattern}}, wstest.GoodRequest().With("Origin: "+origin).Bytes())
			for _, resp := range responses {
				if resp.StatusCode != status {
					t.Errorf("%q for %q: status %d", pattern, origin, resp.StatusCode)
				}
			}
		}
	}
}

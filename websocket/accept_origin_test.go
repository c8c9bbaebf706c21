package websocket_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
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

// CheckOrigin sees the same request in both fronts, and decides alone.
func TestCheckOriginDecidesAlone(t *testing.T) {
	var asked []string
	allow := false
	opts := &websocket.AcceptOptions{
		InsecureSkipVerify: true,
		OriginPatterns:     []string{"*"},
		CheckOrigin: func(r *http.Request, origin string) bool {
			asked = append(asked, fmt.Sprintln(origin, r.Method, r.Host, r.URL.Path, r.URL.Query().Get("x"), r.RequestURI, r.Proto, r.ProtoAtLeast(1, 1), r.Header.Get("X-Tenant"), r.Header.Get("Host"), r.Context().Err()))
			return allow
		},
	}
	const page = "https://server.example.com"
	head := wstest.GoodRequest().With("X-Tenant: 7")
	head.Start = "GET /chat?x=1 HTTP/1.1"
	for _, tc := range []struct {
		name    string
		origins []string
		allow   bool
		status  int
		asked   int
	}{
		{"allowed", []string{page}, true, 101, 2},
		{"refused", []string{page}, false, 403, 2},
		{"no origin", nil, false, 101, 0},
		{"two origins", []string{page, page}, true, 403, 0},
	} {
		asked, allow = nil, tc.allow
		request := head
		for _, o := range tc.origins {
			request = request.With("Origin: " + o)
		}
		errs, responses, bodies := ask(t, opts, request.Bytes())
		for i, resp := range responses {
			if resp.StatusCode != tc.status || tc.status == 403 != errors.Is(errs[i], ws.ErrHandshakeBadOrigin) {
				t.Errorf("%s: status %d, %v", tc.name, resp.StatusCode, errs[i])
			}
			if tc.status == 403 && !(strings.Contains(bodies[i], page) && strings.Contains(bodies[i], "CheckOrigin")) {
				t.Errorf("%s: the refusal does not say what and why: %q", tc.name, bodies[i])
			}
		}
		if len(asked) != tc.asked {
			t.Errorf("%s: asked %d times, want %d", tc.name, len(asked), tc.asked)
		}
		want := fmt.Sprintln(page, "GET", "server.example.com", "/chat", "1", "/chat?x=1", "HTTP/1.1", true, "7", "", nil)
		for _, got := range asked {
			if got != want {
				t.Errorf("%s: asked about %q, want %q", tc.name, got, want)
			}
		}
	}
}

// OnHandshake comes after CheckOrigin, as it does after OriginPatterns.
func TestOnHandshakeComesAfterCheckOrigin(t *testing.T) {
	for _, allow := range []bool{true, false} {
		var order []string
		opts := &websocket.AcceptConnOptions{OnHandshake: func(httpx.Request) error {
			order = append(order, "OnHandshake")
			return nil
		}}
		opts.CheckOrigin = func(*http.Request, string) bool {
			order = append(order, "CheckOrigin")
			return allow
		}
		askWith(t, nil, opts, wstest.GoodRequest().With("Origin: https://a").Bytes())
		if want := []string{"CheckOrigin", "OnHandshake"}; allow && !slices.Equal(order, want) || !allow && len(order) != 1 {
			t.Errorf("allowed %v: called %v", allow, order)
		}
	}
}

package streamreq_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wirews/wirews/internal/streamreq"
)

func TestOpens(t *testing.T) {
	for _, tc := range []struct {
		method  string
		upgrade []string
		want    bool
	}{
		{"GET", []string{"websocket"}, true},
		{"", []string{"WebSocket"}, true},
		{"GET", []string{"h2c", "x, websocket"}, true},
		{"GET", []string{`"`, "websocket"}, true},
		{"GET", []string{"websockets"}, false},
		{"GET", []string{"web socket"}, false},
		{"GET", nil, false},
		{"POST", []string{"websocket"}, false},
	} {
		req := &http.Request{Method: tc.method, Header: http.Header{"Upgrade": tc.upgrade}}
		if got := streamreq.Opens(req); got != tc.want {
			t.Errorf("%q %q: %v", tc.method, tc.upgrade, got)
		}
	}
}

func TestBelongsToHTTP1(t *testing.T) {
	for name, want := range map[string]bool{
		"connection": true, "upgrade": true, "host": true, "te": true, "sec-websocket-key": true, ":method": true,
		"sec-websocket-version": false, "sec-websocket-protocol": false, "cookie": false,
	} {
		if got := streamreq.BelongsToHTTP1(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestResponse(t *testing.T) {
	req := httptest.NewRequest("GET", "https://server.example/chat", nil)
	r := streamreq.Response(req, 3, 403, http.Header{"A": {"b"}}, nil)
	if r.Status != "403 Forbidden" || r.Proto != "HTTP/3.0" || r.ProtoMajor != 3 || r.Request.Method != "CONNECT" || req.Method != "GET" {
		t.Errorf("%+v", r)
	}
}

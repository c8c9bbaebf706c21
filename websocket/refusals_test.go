package websocket_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
)

func TestCountersCountRefusals(t *testing.T) {
	good := wstest.GoodRequest()
	for name, tc := range map[string]struct {
		request string // nothing: the client hangs up; "-": it stays silent
		opts    websocket.AcceptConnOptions
		reason  string
	}{
		"another origin":        {request: string(good.With("Origin: https://example.org").Bytes()), reason: "origin"},
		"another version":       {request: strings.Replace(string(good.Bytes()), "Version: 13", "Version: 8", 1), reason: "version"},
		"a request for a page":  {request: "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", reason: "not_websocket"},
		"another method":        {request: strings.Replace(string(good.Bytes()), "GET", "POST", 1), reason: "not_websocket"},
		"not HTTP":              {request: "hello\r\n\r\n", reason: "malformed"},
		"a bad key":             {request: strings.Replace(string(good.Bytes()), "Sec-WebSocket-Key: ", "Sec-WebSocket-Key: x", 1), reason: "malformed"},
		"too long":              {request: string(good.With("Cookie: " + strings.Repeat("x", 20_000)).Bytes()), reason: "too_large"},
		"nothing, and hangs up": {reason: "transport"},
		"nothing, and stays":    {request: "-", reason: "timeout"},
		"what the program refuses": {request: string(good.Bytes()), reason: "program",
			opts: websocket.AcceptConnOptions{OnHandshake: func(httpx.Request) error { return errors.New("full") }}},
		"anything, by bad options": {request: string(good.Bytes()), reason: "program",
			opts: websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{OriginPatterns: []string{"["}}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var counters websocket.Counters
			tc.opts.Counters = &counters
			client, server := net.Pipe()
			go io.Copy(io.Discard, client)
			go func() {
				switch tc.request {
				case "-":
				case "":
					client.Close()
				default:
					io.WriteString(client, tc.request)
				}
			}()
			if _, err := websocket.AcceptConn(server, &tc.opts); err == nil {
				t.Errorf("%s: accepted", name)
			}
			client.Close()
			if s := counters.Stats(); s.Opened != 0 || s.Open != 0 || !maps.Equal(s.Refused, map[string]int64{tc.reason: 1}) {
				t.Errorf("%s: counted %+v, want a refusal for %q", name, s, tc.reason)
			}
		})
	}
}

func TestCountersCountRefusalsOfRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		opts    websocket.AcceptOptions
		request func(r *http.Request)
		reason  string
	}{
		"a page": {request: func(r *http.Request) { r.Header = http.Header{} }, reason: "not_websocket"},
		"HTTP/2": {request: func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0 }, reason: "http2"},
		"a ResponseWriter that keeps its connection": {request: func(*http.Request) {}, reason: "program"},
		"bad options": {opts: websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover, Compression: &websocket.CompressionOptions{Level: 77}},
			request: func(*http.Request) {}, reason: "program"},
	} {
		var counters websocket.Counters
		tc.opts.Counters = &counters
		r := requestOf(t)
		tc.request(r)
		if _, err := websocket.Accept(httptest.NewRecorder(), r, &tc.opts); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if s := counters.Stats(); !maps.Equal(s.Refused, map[string]int64{tc.reason: 1}) {
			t.Errorf("%s: counted %+v, want a refusal for %q", name, s, tc.reason)
		}
	}
}

func TestCountersCountDialsThatFail(t *testing.T) {
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	lying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		w.WriteHeader(http.StatusSwitchingProtocols)
	}))
	defer lying.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	for name, tc := range map[string]struct {
		ctx    context.Context
		url    string
		reason string
	}{
		"404":                  {url: page.URL, reason: "status"},
		"a wrong answer":       {url: lying.URL, reason: "malformed"},
		"nobody there":         {url: gone.URL, reason: "transport"},
		"a context that ended": {ctx: cancelled, url: page.URL, reason: "cancelled"},
		"a context too late":   {ctx: late, url: page.URL, reason: "timeout"},
		"a bad URL":            {url: "gopher://example.com", reason: "program"},
	} {
		var counters websocket.Counters
		if tc.ctx == nil {
			tc.ctx = within(t)
		}
		if _, _, err := websocket.Dial(tc.ctx, tc.url, &websocket.DialOptions{Counters: &counters}); err == nil {
			t.Errorf("%s: connected", name)
		} else if s := counters.Stats(); !maps.Equal(s.Refused, map[string]int64{tc.reason: 1}) {
			t.Errorf("%s (%v): counted %+v, want a refusal for %q", name, err, s.Refused, tc.reason)
		}
	}
}

package ws_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
)

// traceRecorder has hooks that tell which of them were called.
type traceRecorder struct {
	mu    sync.Mutex
	calls []string
	conn  net.Conn
	tls   tls.ConnectionState
	err   error // of WroteRequest
}

func (r *traceRecorder) hook(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, name)
}

func (r *traceRecorder) context() context.Context {
	return httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn:           func(hostPort string) { r.hook("GetConn " + hostPort) },
		ConnectStart:      func(_, addr string) { r.hook("ConnectStart " + addr) },
		ConnectDone:       func(_, addr string, _ error) { r.hook("ConnectDone " + addr) },
		TLSHandshakeStart: func() { r.hook("TLSHandshakeStart") },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			r.tls = state
			r.hook("TLSHandshakeDone")
		},
		GotConn: func(info httptrace.GotConnInfo) {
			r.conn = info.Conn
			r.hook("GotConn")
		},
		WroteHeaders: func() { r.hook("WroteHeaders") },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			r.err = info.Err
			r.hook("WroteRequest")
		},
		GotFirstResponseByte: func() { r.hook("GotFirstResponseByte") },
	})
}

// A Dialer calls the hooks of its context as net/http's client does.
func TestDialCallsTheHooksOfItsContext(t *testing.T) {
	upgrade := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			return
		}
		if conn, _, _, err := ws.UpgradeHTTP(r, w); err == nil {
			conn.Close()
		}
	})
	for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
		s := start(upgrade)
		var want, got traceRecorder
		req, err := http.NewRequestWithContext(want.context(), "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		s.Client().CloseIdleConnections()
		d := ws.Dialer{}
		if s.TLS != nil {
			d.TLSConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
		}
		conn, _, _, err := d.Dial(got.context(), s.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		host := strings.TrimPrefix(strings.TrimPrefix(s.URL, "http://"), "https://")
		order := []string{"GetConn " + host, "ConnectStart " + host, "ConnectDone " + host}
		if s.TLS != nil {
			order = append(order, "TLSHandshakeStart", "TLSHandshakeDone")
		}
		order = append(order, "GotConn", "WroteHeaders", "WroteRequest", "GotFirstResponseByte")
		if !slices.Equal(got.calls, order) {
			t.Errorf("called %q, want %q", got.calls, order)
		}
		slices.Sort(want.calls) // its goroutines may be late to tell
		if slices.Sort(order); !slices.Equal(want.calls, order) {
			t.Errorf("net/http calls %q, and a Dialer %q", want.calls, order)
		}
		if got.conn != conn || got.err != nil || got.tls.HandshakeComplete != (s.TLS != nil) {
			t.Errorf("GotConn has a %T, WroteRequest %v, TLSHandshakeDone %+v", got.conn, got.err, got.tls)
		}
		conn.Close()
	}
}

// A write that fails is told too.
func TestDialTellsTheHooksOfAnError(t *testing.T) {
	var r traceRecorder
	near, far := net.Pipe()
	far.Close()
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	_, _, _, err := d.Dial(r.context(), "ws://server.example.com")
	if err == nil || !errors.Is(err, r.err) || strings.Join(r.calls, ", ") != "GetConn server.example.com:80, GotConn, WroteRequest" {
		t.Errorf("called %q, told %v, Dial returned %v", r.calls, r.err, err)
	}
}

// Hooks that are not set are not called, and a ClientTrace costs nothing else.
func TestDialWithATraceWithoutHooks(t *testing.T) {
	addr := listen(t, answerWith(good101()+string(frame)))
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{})
	conn, br, _, err := ws.Dial(ctx, "ws://"+addr)
	dialed(t, conn, br, err)
}

package bridge

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// talk runs a bridge from what stdin has, and returns what stdout got.
func talk(t *testing.T, in, to string, change func(*Options)) (string, error) {
	t.Helper()
	var out bytes.Buffer
	o := options(nil)
	o.Text, o.Stdin, o.Stdout = true, strings.NewReader(in), &out
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := Run(ctx, mustParse(t, "-"), mustParse(t, to), o)
	return out.String(), err
}

func TestABridgeListensAndConnectsOverTLS(t *testing.T) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	trusting := s.Client().Transport.(*http.Transport).TLSClientConfig
	addr := listen(t, "wss-listen:127.0.0.1:0", echoServer(t), func(o *Options) { o.Server.TLS = &tls.Config{Certificates: s.TLS.Certificates} })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := dial(ctx, "wss://"+addr, Client{TLS: trusting})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(ctx, websocket.MessageText, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(ctx); err != nil || string(p) != "one" {
		t.Errorf("%q, %v", p, err)
	}
	c.Close(websocket.StatusNormalClosure, "")
	_, err = talk(t, "", "wss://"+addr, nil)
	if exit.Of(err) != exit.Unreachable || !strings.Contains(err.Error(), "--ca FILE") {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
	_, err = talk(t, "", "ws://"+addr, nil)
	if exit.Of(err) == exit.OK {
		t.Error("a server that speaks TLS was reached without")
	}
	if err := Run(t.Context(), mustParse(t, "wss-l:127.0.0.1:0"), mustParse(t, "-"), options(nil)); err == nil || !strings.Contains(err.Error(), "--tls-cert") {
		t.Errorf("no certificate: %v", err)
	}
}

// proxied counts the requests that go through an HTTP proxy.
func TestAWebSocketIsReachedThroughAProxy(t *testing.T) {
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("%s %s", r.Method, r.URL)
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		asked.Add(1)
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		defer there.Close()
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go io.Copy(there, here)
		io.Copy(here, there)
	}))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	got, err := talk(t, "through it\n", echoServer(t), func(o *Options) {
		o.Client.Proxy = func(to *url.URL) (*url.URL, error) {
			if to.Scheme != "http" {
				t.Errorf("asked for the proxy of %v", to)
			}
			return u, nil
		}
	})
	if err != nil || got != "through it\n" || asked.Load() != 1 {
		t.Errorf("%q, %v, %d requests", got, err, asked.Load())
	}
}

// Statuses are those of connect.
func TestTheOutcomeSaysWhyTheOtherSideWasNotReached(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer refusing.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, c := range []struct {
		name, to string
		want     exit.Status
		word     string
	}{
		{"refused", "ws" + strings.TrimPrefix(refusing.URL, "http"), exit.Refused, "401"},
		{"nobody there", "ws://127.0.0.1:1", exit.Unreachable, "refused"},
		{"nobody there, TCP", "tcp:127.0.0.1:1", exit.Unreachable, "refused"},
		{"no such socket", "unix:" + t.TempDir() + "/none", exit.Unreachable, "no such file"},
		{"silence", "ws://" + silent.Addr().String(), exit.TimedOut, "--connect-timeout"},
	} {
		_, err := talk(t, "", c.to, func(o *Options) {
			if c.want == exit.TimedOut {
				o.Client.Timeout = 1
			}
		})
		if exit.Of(err) != c.want || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: status %d, %v; want %d and %q", c.name, exit.Of(err), err, c.want, c.word)
		}
	}
}

// What is typed goes to whoever is there, one after the other.
func TestStdinAndStdoutHaveOneConnectionAtATime(t *testing.T) {
	in, typed := io.Pipe()
	out, printed := io.Pipe()
	addr := listen(t, "ws-listen:127.0.0.1:0", "-", func(o *Options) { o.Text, o.Stdin, o.Stdout = true, in, printed })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, name := range []string{"first", "second"} {
		c, came := let(ctx, t, addr)
		if err := c.Write(ctx, websocket.MessageText, []byte(name)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(name)+1)
		if _, err := io.ReadFull(out, got); err != nil || string(got) != name+"\n" {
			t.Errorf("%q, %v", got, err)
		}
		other, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := other.Read(ctx); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
			t.Errorf("%s: another gets %v, want 1013", name, err)
		}
		io.WriteString(typed, "to "+name+"\n")
		select {
		case p := <-came:
			if p != "to "+name {
				t.Errorf("%q comes", p)
			}
		case <-ctx.Done():
			t.Fatal("nothing comes")
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	}
}

// let returns a connection that the bridge has let in, and what comes on it. The bridge
// knows a little later than its peer that the one before is gone, and refuses until then.
func let(ctx context.Context, t *testing.T, addr string) (*websocket.Conn, <-chan string) {
	t.Helper()
	for {
		c, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		came := make(chan string, 1)
		go c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
			came <- string(p)
			return nil
		})
		if c.Ping(ctx) == nil {
			return c, came
		}
		c.CloseNow()
	}
}

func TestOneWayCarriesNothingBack(t *testing.T) {
	got, err := talk(t, "one\ntwo\n", echoServer(t), func(o *Options) { o.OneWay = true })
	if err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	// From a server that closes to stdout, with a stdin that has no end.
	s := httptest.NewServer(&websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.Write(ctx, websocket.MessageText, []byte("news"))
		c.Close(websocket.StatusNormalClosure, "")
	}})
	defer s.Close()
	in, hold := io.Pipe()
	defer hold.Close()
	var out bytes.Buffer
	for _, oneWay := range []bool{true, false} {
		out.Reset()
		o := options(nil)
		o.Text, o.OneWay, o.Stdin, o.Stdout = true, oneWay, in, &out
		if err := Run(t.Context(), mustParse(t, "ws"+strings.TrimPrefix(s.URL, "http")), mustParse(t, "-"), o); err != nil || out.String() != "news\n" {
			t.Errorf("one way %t: %q, %v", oneWay, out.String(), err)
		}
	}
}

func TestAnInterruptEndsABridge(t *testing.T) {
	in, hold := io.Pipe()
	defer hold.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	o := options(nil)
	o.Stdin, o.Stdout = in, writing(func() { cancel(errors.New("enough")) })
	go io.WriteString(hold, "x")
	if err := Run(ctx, mustParse(t, "-"), mustParse(t, echoServer(t)), o); exit.Of(err) != exit.Interrupted {
		t.Errorf("%v", err)
	}
}

type writing func()

func (f writing) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

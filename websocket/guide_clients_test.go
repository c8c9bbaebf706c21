package websocket_test

import (
	"context"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// What docs/clients.md shows.

func TestThePageAboutClientsShowsWhatRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "clients.md"))
	if err != nil {
		t.Fatal(err)
	}
	this, err := os.ReadFile("guide_clients_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "\n```go\n")[1:] {
		block, _, closed := strings.Cut(block, "\n```")
		if !closed || !strings.Contains(string(this), "\n"+block+"\n") {
			t.Errorf("it is not in guide_clients_test.go:\n%s", block)
		}
	}
}

// follow hands on what the server sends, for as long as ctx allows.
func follow(ctx context.Context, url string, opts *websocket.DialOptions, price func([]byte)) error {
	dial := websocket.DialOptions{}
	if opts != nil {
		dial = *opts
	}
	dial.KeepAlive = websocket.KeepAlive{Interval: 30 * time.Second, Timeout: 10 * time.Second}
	redial := &websocket.RedialOptions{Dial: &dial, OnState: func(s websocket.RedialState) { log.Println(url, s) }}
	return websocket.Redial(ctx, url, redial, func(ctx context.Context, c *websocket.Conn) error {
		if err := c.Write(ctx, websocket.MessageText, []byte("prices")); err != nil {
			return err
		}
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err // connect again
			}
			price(m.Data)
		}
		return nil // the server has said all
	})
}

// authorized sets a token that is valid now.
type authorized struct {
	http.RoundTripper
	token func(ctx context.Context) (string, error)
}

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := a.token(r.Context())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return a.RoundTripper.RoundTrip(r)
}

func TestFollowComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connections := 0
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Expect(wstest.TextFrame("prices"))
			price, end := "1.00", wstest.CloseFrame(websocket.StatusServiceRestart)
			if connections++; connections > 1 {
				price, end = "1.01", wstest.CloseFrame(websocket.StatusNormalClosure)
			}
			server.Send(wstest.TextFrame(price), end)
			server.Expect(end) // which is the answer
		})
		start := time.Now()
		var prices []string
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // or a test that fails would go on for ever
		defer cancel()
		err := follow(ctx, s.URL, s.Options(nil), func(p []byte) { prices = append(prices, string(p)) })
		if err != nil || !slices.Equal(prices, []string{"1.00", "1.01"}) {
			t.Errorf("%v, %v", prices, err)
		}
		if took := time.Since(start); took < 5*time.Second || took > 30*time.Second {
			t.Errorf("it came back after %v", took)
		}
	})
}

// proxied returns options that dial by way of a proxy. Its URL has the scheme http,
// https, socks5 or socks5h, and user and password if the proxy asks for them.
func proxied(proxy string) (*websocket.DialOptions, error) {
	u, err := url.Parse(proxy)
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = http.ProxyURL(u)
	return &websocket.DialOptions{HTTPClient: &http.Client{Transport: t}}, nil
}

func TestProxiedAsksTheProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := proxyAuth(r); r.Method != "CONNECT" || user != "me" || password != "secret" {
			t.Errorf("it is asked for %s by %q, %q", r.Method, user, password)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	opts, err := proxied(strings.Replace(proxy.URL, "//", "//me:secret@", 1))
	if err != nil {
		t.Fatal(err)
	}
	var refused *ws.ProxyError
	if _, _, err := websocket.Dial(t.Context(), "wss://example.com/", opts); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("the error is %v", err)
	}
}

func proxyAuth(r *http.Request) (user, password string, ok bool) {
	r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
	return r.BasicAuth()
}

var moves = wsjson.Codec{MaxDepth: 8, MaxBytes: 4096, DisallowUnknownFields: true}

// play answers each move with its opposite.
func play(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		var move struct{ X, Y int }
		if err := moves.Read(r.Context(), c, &move); err != nil {
			return // the client has been told
		}
		move.X, move.Y = -move.X, -move.Y
		if err := moves.Write(r.Context(), c, move); err != nil {
			return
		}
	}
}

func TestPlayRefusesWhatIsNoMove(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(play))
	for message, code := range map[string]websocket.StatusCode{
		`{"X":1,`:                        websocket.StatusInvalidFramePayloadData,
		`{"X":1,"Z":2}`:                  websocket.StatusInvalidFramePayloadData,
		strings.Repeat("[", 4000):        websocket.StatusPolicyViolation,
		strings.Repeat(" ", 4095) + "{}": websocket.StatusMessageTooBig,
	} {
		client := s.Script("/")
		client.Send(wstest.TextFrame(`{"X":1,"Y":2}`), wstest.TextFrame(message))
		client.Expect(wstest.TextFrame(`{"X":-1,"Y":-2}`+"\n"), wstest.CloseFrame(code))
		client.Close()
	}
}

// Each attempt has a token of its own, and 401 is the end.
func TestEachAttemptIsAuthorized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		s := wstest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if seen = append(seen, r.Header.Get("Authorization")); len(seen) < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			} else {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}))
		tokens := 0
		client := s.Client()
		client.Transport = authorized{client.Transport, func(context.Context) (string, error) {
			tokens++
			return strings.Repeat("x", tokens), nil
		}}
		err := websocket.Redial(t.Context(), s.URL, &websocket.RedialOptions{Dial: &websocket.DialOptions{HTTPClient: client}}, read)
		if !websocket.IsPermanent(err) || !slices.Equal(seen, []string{"Bearer x", "Bearer xx", "Bearer xxx"}) {
			t.Errorf("%q, %v", seen, err)
		}
	})
}

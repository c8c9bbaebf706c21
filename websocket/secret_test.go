package websocket_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Errors end in logs. Whatever is wrong with a dial, its error must not have the
// password or the query of the URL, nor the password of a proxy.
func TestErrorsOfDialHaveNoSecrets(t *testing.T) {
	const secret = "s3cret"
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			w.Header().Set("Location", "http://user:"+secret+"@127.0.0.1:1/?token="+secret)
			w.WriteHeader(http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer refuses.Close()
	host := refuses.Listener.Addr().String()
	ends := func() string { // every connection, at once
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		}()
		return l.Addr().String()
	}()

	without := func(t *testing.T, target string, proxy *url.URL) {
		t.Helper()
		of := func(*http.Request) (*url.URL, error) { return proxy, nil }
		_, _, err := websocket.Dial(context.Background(), target, &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{Proxy: of}}})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("websocket.Dial: %v", err)
		}
		d := ws.Dialer{}
		if proxy != nil {
			d.Proxy = func(*url.URL) (*url.URL, error) { return proxy, nil }
		}
		if _, _, _, err = d.Dial(context.Background(), target); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("ws.Dialer: %v", err)
		}
	}
	for name, target := range map[string]string{
		"refused":           "ws://user:s3cret@" + host + "/?token=s3cret",
		"redirected":        "ws://user:s3cret@" + host + "/moved?token=s3cret",
		"no server":         "ws://user:s3cret@127.0.0.1:1/?token=s3cret",
		"ends":              "ws://user:s3cret@" + ends + "/?token=s3cret",
		"no TLS":            "wss://user:s3cret@" + host + "/?token=s3cret",
		"space in the host": "ws://user:s3cret@host name/?token=s3cret",
		"no such port":      "ws://user:s3cret@host:99999999/?token=s3cret",
		"scheme":            "ftp://user:s3cret@host/?token=s3cret",
		"no scheme":         "//user:s3cret@host/?token=s3cret",
		"no host":           "ws://user:s3cret@/?token=s3cret",
		"control character": "ws://user:s3cret@host/?token=s3cret\x01",
		"escape":            "ws://user:s3cret@host/%zz?token=s3cret",
	} {
		t.Run(name, func(t *testing.T) { without(t, target, nil) })
	}
	for _, at := range []string{"http://user:s3cret@127.0.0.1:1", "http://user:s3cret@" + host, "http://user:s3cret@" + ends, "socks5://user:s3cret@" + ends, "ftp://user:s3cret@127.0.0.1:1"} {
		t.Run("proxy "+strings.Replace(at, secret, "", 1), func(t *testing.T) {
			proxy, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			without(t, "ws://user:s3cret@example.invalid/?token=s3cret", proxy)
		})
	}
}

// What the docs promise for errors holds for those of redirects and proxies that cannot be
// parsed, too.
func TestErrorsOfDialShowNoSecrets(t *testing.T) {
	proxied := func(proxy string) *websocket.DialOptions {
		return &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{
			Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy) },
		}}}
	}
	inVariable := func(proxy string) *websocket.DialOptions { // HTTP_PROXY
		return &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{
			Proxy: func(*http.Request) (*url.URL, error) {
				_, err := url.Parse(proxy)
				return nil, fmt.Errorf("invalid proxy address %q: %v", proxy, err) // as golang.org/x/net/http/httpproxy has it
			},
		}}}
	}
	for name, opts := range map[string]*websocket.DialOptions{
		"a redirect to no URL":         answeredBy(refuses("302 Found\r\nLocation: https://ann:hush@other.example:port/?token=hush")),
		"a redirect to no URL, 2":      answeredBy(refuses("302 Found\r\nLocation: /%zz?token=hush")),
		"a redirect to another scheme": answeredBy(refuses("302 Found\r\nLocation: ftp://ann:hush@other.example/?token=hush")),
		"a proxy that is no URL":       proxied("http://ann:hush@[::1"),
		"a proxy as net/http knows it": inVariable("http://ann:hush@[::1"),
	} {
		_, _, err := websocket.Dial(within(t), "ws://example.com/", opts)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

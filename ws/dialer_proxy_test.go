package ws_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// proxy is an HTTP proxy that tunnels all to one address, and says which request it
// was asked by.
func proxy(t *testing.T, to string) (serve func(net.Conn), asked chan *http.Request) {
	asked = make(chan *http.Request, 1)
	return func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		asked <- r
		if r.Method != "CONNECT" {
			io.WriteString(conn, "HTTP/1.1 405 Only CONNECT\r\nContent-Length: 0\r\n\r\n")
			return
		}
		host, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		defer host.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			io.Copy(host, conn)
			host.Close()
		}()
		io.Copy(conn, host)
	}, asked
}

// TestDialByProxy: for ws as for wss, over TLS and not, the proxy is asked for a
// tunnel and not for the resource.
func TestDialByProxy(t *testing.T) {
	a := newAuthority(t)
	plain := listen(t, answerWith(good101()))
	secure := a.listenTLS(t, nil, func(conn *tls.Conn) { answerWith(good101())(conn) })
	for _, test := range []struct{ url, to, shown string }{
		{"ws://example.com/a", plain, "http"}, {"wss://example.com/a", secure, "https"},
	} {
		for _, scheme := range []string{"http", "https"} {
			serve, asked := proxy(t, test.to)
			at := ""
			if scheme == "http" {
				at = listen(t, serve)
			} else {
				at = a.listenTLS(t, nil, func(conn *tls.Conn) { serve(conn) })
			}
			d := ws.Dialer{
				TLSConfig:  &tls.Config{RootCAs: a.pool, ServerName: "127.0.0.1"},
				NetDialTLS: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("called") },
				Proxy: func(u *url.URL) (*url.URL, error) {
					if u.Scheme != test.shown || u.Host != "example.com" {
						t.Errorf("asked about %v", u)
					}
					return url.Parse(scheme + "://me:secret@" + at)
				},
				ProxyHeader: func(context.Context, *url.URL, string) (httpx.Fields, error) {
					return httpx.Fields{{Name: []byte("X-Tenant"), Value: []byte("7")}}, nil
				},
			}
			conn, br, _, err := d.Dial(t.Context(), test.url)
			dialed(t, conn, br, err)
			r := <-asked
			user, password, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
			if r.Method != "CONNECT" || user != "me" || password != "secret" || r.Header.Get("X-Tenant") != "7" {
				t.Errorf("%s by %s: the proxy got %s %s, %v", test.url, scheme, r.Method, r.RequestURI, r.Header)
			}
			conn.Close()
		}
	}
}

func TestDialByProxyThatRefuses(t *testing.T) {
	at := listen(t, func(conn net.Conn) {
		http.ReadRequest(bufio.NewReader(conn))
		io.WriteString(conn, "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
	})
	d := ws.Dialer{Proxy: func(*url.URL) (*url.URL, error) { return url.Parse("http://me:secret@" + at) }}
	_, _, _, err := d.Dial(t.Context(), "ws://example.com/a")
	e, ok := errors.AsType[*ws.ProxyError](err)
	if !ok || e.Status != 407 || e.Reason != "Who are you" || e.Proxy != "http://"+at || e.Target != "example.com:80" {
		t.Errorf("%#v", err)
	}
	d.Proxy = func(*url.URL) (*url.URL, error) { return url.Parse("gopher://" + at) }
	if _, _, _, err = d.Dial(t.Context(), "ws://example.com/a"); !errors.Is(err, ws.ErrProxyScheme) {
		t.Errorf("%v", err)
	}
	failure := errors.New("no idea")
	d.Proxy = func(*url.URL) (*url.URL, error) { return nil, failure }
	if _, _, _, err = d.Dial(t.Context(), "ws://example.com/a"); !errors.Is(err, failure) {
		t.Errorf("%v", err)
	}
}

func TestDialWithoutAProxyForThatURL(t *testing.T) {
	addr := listen(t, answerWith(good101()))
	d := ws.Dialer{Proxy: func(*url.URL) (*url.URL, error) { return nil, nil }}
	conn, br, _, err := d.Dial(t.Context(), "ws://"+addr)
	dialed(t, conn, br, err)
	// Local addresses have no proxy, whatever the environment says.
	d.Proxy = ws.ProxyFromEnvironment
	conn, br, _, err = d.Dial(t.Context(), "ws://"+addr)
	dialed(t, conn, br, err)
}

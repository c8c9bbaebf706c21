package interop_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/connect"
	gorilla "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// errEcho says that what has come back is not what was sent.
var errEcho = errors.New("something else came back")

// proxied is a client that goes through a proxy: it sends p to target, and returns
// an error if that does not come back.
type proxied struct {
	column string
	echo   func(ctx context.Context, target string, proxy *url.URL, config *tls.Config, p []byte) error
}

var proxiedClients = []proxied{
	{colDialer, dialerThrough},
	{colWebsocket, websocketThrough},
	{colGorilla, gorillaThrough},
	{colCommand, commandThrough},
}

func dialerThrough(ctx context.Context, target string, proxy *url.URL, config *tls.Config, p []byte) error {
	d := ws.Dialer{TLSConfig: config, Proxy: func(*url.URL) (*url.URL, error) { return proxy, nil }}
	conn, br, _, err := d.Dial(ctx, target)
	if err != nil {
		return err
	}
	defer conn.Close()
	if br != nil {
		return fmt.Errorf("%w: %d bytes right after the response", errEcho, br.Buffered())
	}
	c := wsutil.NewStream(conn, ws.StateClientSide, 0)
	if err := c.WriteMessage(ws.OpBinary, p); err != nil {
		return err
	}
	got, _, err := c.ReadMessage()
	if err = compare(p, got, err); err != nil {
		return err
	}
	c.Close(ws.StatusNormalClosure, "")
	if _, _, err = c.ReadMessage(); err != (wsutil.ClosedError{Code: ws.StatusNormalClosure}) {
		return err
	}
	return nil
}

func websocketThrough(ctx context.Context, target string, proxy *url.URL, config *tls.Config, p []byte) error {
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	c, _, err := websocket.Dial(ctx, target, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		return err
	}
	defer c.CloseNow()
	c.SetReadLimit(readLimit)
	if err := c.Write(ctx, websocket.MessageBinary, p); err != nil {
		return err
	}
	_, got, err := c.Read(ctx)
	if err = compare(p, got, err); err != nil {
		return err
	}
	return c.CloseContext(ctx, websocket.StatusNormalClosure, "")
}

func gorillaThrough(ctx context.Context, target string, proxy *url.URL, config *tls.Config, p []byte) error {
	d := gorilla.Dialer{TLSClientConfig: config, Proxy: http.ProxyURL(proxy)}
	c, _, err := d.DialContext(ctx, target, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.WriteMessage(gorilla.BinaryMessage, p); err != nil {
		return err
	}
	_, got, err := c.ReadMessage()
	if err = compare(p, got, err); err != nil {
		return err
	}
	c.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(gorilla.CloseNormalClosure, ""), time.Now().Add(patience))
	if _, _, err = c.ReadMessage(); !gorilla.IsCloseError(err, gorilla.CloseNormalClosure) {
		return err
	}
	return nil
}

func commandThrough(ctx context.Context, target string, proxy *url.URL, config *tls.Config, p []byte) (err error) {
	u, err := connect.ParseURL(target)
	if err != nil {
		return err
	}
	o := connect.Default()
	o.TLS, o.MaxMessage = config, readLimit
	o.Pipe.Whole, o.Pipe.Binary, o.Pipe.Count = true, true, 1
	if o.Proxy, err = connect.ProxyFunc(proxy.String(), ""); err != nil {
		return err
	}
	var out bytes.Buffer
	err = connect.Pipe(ctx, u, o, bytes.NewReader(p), &out, io.Discard)
	return compare(p, out.Bytes(), err)
}

func compare(sent, got []byte, err error) error {
	if err == nil && !bytes.Equal(sent, got) {
		err = fmt.Errorf("%w: %d bytes of %d", errEcho, len(got), len(sent))
	}
	return err
}

// TestOurClientsThroughForwardProxies: each client reaches a server of ws and one of
// wss through each proxy, and a locked proxy lets it through with the password only.
// That it is refused otherwise shows as well that it does go through the proxy.
func TestOurClientsThroughForwardProxies(t *testing.T) {
	id := newIdentity(t)
	plain, _ := startAccept(t, nil)
	secure, _ := startAccept(t, id.serverConfig())
	targets := []string{"ws://" + plain + "/echo", "wss://" + secure + "/echo"}
	for _, f := range forwards {
		t.Run(f.name, func(t *testing.T) {
			matrix.version(f.name, need(t, f.probe, f.missing))
			open, locked := f.start(t, id, false), f.start(t, id, true)
			for i, scheme := range f.schemes {
				for _, target := range targets {
					row := fmt.Sprintf("%s, %s, %s", f.name, scheme, strings.SplitN(target, ":", 2)[0])
					t.Run(row, func(t *testing.T) { f.try(t, id, row, target, open[i], locked[i]) })
				}
			}
		})
	}
}

func (f forward) try(t *testing.T, id identity, row, target, open, locked string) {
	for _, c := range proxiedClients {
		cell(t, "Our clients through forward proxies", row, c.column, func(t *testing.T) string {
			through := func(proxy string, user *url.Userinfo) error {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				u, err := url.Parse(proxy)
				if err != nil {
					t.Fatal(err)
				}
				u.User = user
				return c.echo(ctx, target, u, &tls.Config{RootCAs: id.roots}, random(200_000))
			}
			if err := through(open, nil); err != nil {
				t.Errorf("open: %v", err)
			}
			if err := through(locked, url.UserPassword(forwardUser, forwardPassword)); err != nil {
				t.Errorf("with the password: %v", err)
			}
			for _, user := range []*url.Userinfo{nil, url.UserPassword(forwardUser, "wrong")} {
				err := through(locked, user)
				if err == nil || errors.Is(err, errEcho) || strings.Contains(err.Error(), "wrong") {
					t.Errorf("without the password: error %v, want that the proxy refuses, and no password in it", err)
				}
				var refused *ws.ProxyError
				status := http.StatusProxyAuthRequired
				if user != nil {
					status = f.wrong
				}
				if strings.HasPrefix(locked, "http") && (!errors.As(err, &refused) || refused.Status != status) {
					t.Errorf("without the password: error %v, want a *ws.ProxyError with status %d", err, status)
				}
			}
			return count(4)
		})
	}
}

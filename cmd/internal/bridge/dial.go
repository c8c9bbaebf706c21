package bridge

import (
	"context"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/websocket"
)

// dial connects to a WebSocket server.
func dial(ctx context.Context, address string, c Client) (*websocket.Conn, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.Proxy = c.TLS, nil
	if c.Proxy != nil {
		transport.Proxy = func(r *http.Request) (*url.URL, error) { return c.Proxy(r.URL) }
	}
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: c.Header, Subprotocols: c.subprotocols,
	})
	return conn, err
}

// timed bounds how long a connection takes to open.
func (o Options) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Client.Timeout > 0 {
		return context.WithTimeout(ctx, o.Client.Timeout)
	}
	return context.WithCancel(ctx)
}

package conform

import (
	"context"
	"net"
	"net/url"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/overh2"
	"github.com/wirews/wirews/websocket/h2"
)

// overHTTP2 has client reach its server over HTTP/2. The cases are about what follows
// the handshake, and that is the same.
func overHTTP2(client *autobahn.Client, o Options) error {
	u, err := url.Parse(client.URL)
	if err != nil {
		return err
	}
	over := &overh2.Dialer{URL: u, Transport: &h2.Transport{Only: true, UnencryptedHTTP2: true, TLSClientConfig: o.TLS, StreamWindow: 1 << 20}}
	client.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return over.Dial(ctx, network, addr)
	}
	return nil
}

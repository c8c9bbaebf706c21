package conform

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/overh2"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
)

// Cases at once on one connection, and how many bytes of each are received ahead.
const (
	streams = 100
	window  = 1 << 20
)

// overStream has client reach its server over HTTP/2 or HTTP/3. The cases are about what
// follows the handshake, and that is the same.
func overStream(client *autobahn.Client, o Options) error {
	u, err := url.Parse(client.URL)
	if err != nil {
		return err
	}
	var transport http.RoundTripper = &h3.Transport{TLSClientConfig: o.TLS, QUICConfig: h3.QUICConfig(streams, window), MaxStreams: streams}
	if o.HTTP2 {
		transport = &h2.Transport{Only: true, UnencryptedHTTP2: true, TLSClientConfig: o.TLS, StreamWindow: window}
	}
	over := &overh2.Dialer{URL: u, Transport: transport}
	client.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return over.Dial(ctx, network, addr)
	}
	return nil
}

// JudgeClientsOver judges clients that come over HTTP/2 or HTTP/3: serve is given the
// handler of their requests, and serves until end is called.
func JudgeClientsOver(ctx context.Context, serve func(http.Handler) error, end func() error, o Options) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") // for HTTP/1.1, which the cases speak
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- serve(&overh2.Front{Dial: func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }})
		stop()
	}()
	err = JudgeClients(ctx, l, o)
	end()
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(failed, err)
	}
	return err
}

package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// stage is how far a dial has come.
type stage int

const (
	preparing stage = iota
	connecting
	shakingHands
)

// dial opens a connection. What goes over it is shown on trace, if that is not
// nil.
func dial(ctx context.Context, u *url.URL, o Options, trace io.Writer) (*conn, error) {
	if o.UserInfo != nil {
		with := *u
		with.User = o.UserInfo
		u = &with
	}
	at := preparing
	d := ws.Dialer{
		Timeout:   o.ConnectTimeout,
		Protocols: o.Subprotocols,
		TLSConfig: o.TLS,
		WrapConn: func(c net.Conn) net.Conn {
			at = shakingHands
			return c
		},
		NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			at = connecting
			if o.Unix != "" {
				network, addr = "unix", o.Unix
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
	if o.Proxy != nil && o.Unix == "" {
		d.Proxy = shownProxy(o.Proxy, trace)
	}
	var offers wsflate.Offers
	if o.Compress {
		offers = wsflate.DefaultOffers()
		d.Extensions = offers.Options()
	}
	if len(o.Header) > 0 {
		d.Header = ws.HandshakeHeaderHTTP(rest(o.Header))
		d.Host = o.Header.Get("Host")
	}
	if o.HTTP2 || o.HTTP3 {
		u = overStream(&d, u, o)
	}
	dial := d.Dial
	if trace != nil {
		if o.HTTP2 || o.HTTP3 {
			version := map[bool]int{false: 2, true: 3}[o.HTTP3]
			fmt.Fprintf(trace, "* over HTTP/%d; what is shown of the handshake is sent as an extended CONNECT\n", version)
		}
		t := tracer{out: trace}
		dial = (&wsutil.DebugDialer{Dialer: d, OnRequest: t.request, OnResponse: t.response}).Dial
	}
	// What came after the handshake in one packet is read from the
	// connection all the same.
	netConn, _, hs, err := dial(ctx, u.String())
	if err != nil {
		if _, ok := errors.AsType[*net.OpError](err); ok && (o.HTTP2 || o.HTTP3) { // which connects when it has a request
			at = connecting
		}
		return nil, dialOutcome(err, at)
	}
	if trace != nil {
		netConn = newTraced(netConn, trace)
	}
	if o.Record != nil {
		if netConn, err = newRecorded(netConn, o.Record, u, hs); err != nil {
			netConn.Close()
			return nil, exit.With(exit.Failed, fmt.Errorf("--record: %w", err))
		}
	}
	c := newConn(netConn, hs, o)
	params, ok, err := offers.Accepted(hs.Extensions)
	if err != nil {
		c.sendClose(ws.StatusMandatoryExt, "")
		netConn.Close()
		return nil, exit.With(exit.BrokenRules, err)
	}
	if ok {
		// What a message inflates to is bounded as those are that come as they
		// are.
		c.compress(wsflate.New(ws.StateClientSide, params, &wsflate.Options{MaxSize: -1, MaxRatio: -1}))
	}
	return c, nil
}

// shownProxy is find, and shows on trace what it has found.
func shownProxy(find func(*url.URL) (*url.URL, error), trace io.Writer) func(*url.URL) (*url.URL, error) {
	return func(u *url.URL) (*url.URL, error) {
		proxy, err := find(u)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", reasonOf(err)) // without its password
		}
		if trace != nil && proxy != nil {
			fmt.Fprintf(trace, "* through the proxy %s\n", proxy.Redacted())
		}
		return proxy, nil
	}
}

// rest returns h without Host, which has its own place in a request.
func rest(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Host")
	return h
}

func (o Options) limits() wsproto.Limits {
	if o.MaxMessage <= 0 {
		return wsproto.Limits{Message: -1}
	}
	return wsproto.Limits{Message: o.MaxMessage}
}

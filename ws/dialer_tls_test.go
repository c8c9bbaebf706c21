package ws_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// W38: ALPN is pinned to http/1.1, since that is what will be spoken.
func TestDialOverTLS(t *testing.T) {
	a := newAuthority(t)
	offered := make(chan []string, 1)
	addr := listen(t, func(conn net.Conn) {
		config := &tls.Config{
			Certificates: []tls.Certificate{a.server},
			NextProtos:   []string{"h2", "http/1.1"},
		}
		config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			offered <- h.SupportedProtos
			return nil, nil
		}
		answerWith(good101() + string(frame))(tls.Server(conn, config))
	})
	config := &tls.Config{RootCAs: a.pool}
	d := ws.Dialer{TLSConfig: config}
	conn, br, _, err := d.Dial(context.Background(), "wss://"+addr)
	dialed(t, conn, br, err)
	if got := <-offered; !slices.Equal(got, []string{"http/1.1"}) {
		t.Errorf("W38: offered %q", got)
	}
	if config.ServerName != "" || config.NextProtos != nil {
		t.Error("the caller's config was changed")
	}
	c, ok := conn.(interface{ ConnectionState() tls.ConnectionState })
	if !ok || !c.ConnectionState().HandshakeComplete || c.ConnectionState().NegotiatedProtocol != "http/1.1" {
		t.Errorf("got %T", conn)
	}
	conn.SetDeadline(time.Now().Add(patience))
	got := make([]byte, len(frame))
	if _, err := io.ReadFull(conn, got); !bytes.Equal(got, frame) || err != nil {
		t.Errorf("#214 over TLS: got % x, %v", got, err)
	}
}

func TestDialOverTLSChecksTheCertificate(t *testing.T) {
	a := newAuthority(t)
	addr := a.listenTLS(t, nil, func(conn *tls.Conn) { answerWith(good101())(conn) })
	_, _, _, err := ws.Dial(context.Background(), "wss://"+addr)
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("unknown authority: got %v", err)
	}
	to := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	d := ws.Dialer{NetDial: to, TLSConfig: &tls.Config{RootCAs: a.pool}}
	conn, br, _, err := d.Dial(context.Background(), "https://server.example/")
	dialed(t, conn, br, err)
	_, _, _, err = d.Dial(context.Background(), "wss://other.example/")
	if _, ok := errors.AsType[x509.HostnameError](err); !ok {
		t.Errorf("another name: got %v", err)
	}
	d.TLSConfig.ServerName = "server.example"
	conn, br, _, err = d.Dial(context.Background(), "wss://other.example/")
	dialed(t, conn, br, err)
}

// W38: a server that speaks HTTP/2 next would not be understood.
func TestDialOverTLSRefusesHTTP2(t *testing.T) {
	a := newAuthority(t)
	addr := a.listenTLS(t, []string{"h2"}, func(conn *tls.Conn) { silent(conn) })
	d := ws.Dialer{TLSConfig: &tls.Config{RootCAs: a.pool, NextProtos: []string{"h2", "http/1.1"}}}
	err := wantDialError(t, d, context.Background(), "wss://"+addr, ws.ErrHandshakeBadProtocol)
	if rejected(t, err).Value != "h2" {
		t.Errorf("got %v", err)
	}
}

// #204: "TLS via NetDial + wss URL does TLS twice".
func TestDialIssue204NetDialTLSIsNotWrappedTwice(t *testing.T) {
	a := newAuthority(t)
	addr := a.listenTLS(t, nil, func(conn *tls.Conn) { answerWith(good101())(conn) })
	var dialledTLS net.Conn
	d := ws.Dialer{
		NetDial: func(context.Context, string, string) (net.Conn, error) {
			t.Error("NetDial was called")
			return nil, io.EOF
		},
		NetDialTLS: func(ctx context.Context, network, got string) (net.Conn, error) {
			if got != addr {
				t.Errorf("got address %q, want %q", got, addr)
			}
			conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: a.pool}}).DialContext(ctx, network, got)
			dialledTLS = conn
			return conn, err
		},
		TLSClient: func(conn net.Conn, _ string) net.Conn { t.Error("TLSClient was called"); return conn },
	}
	conn, br, _, err := d.Dial(context.Background(), "wss://"+addr)
	dialed(t, conn, br, err)
	if conn != dialledTLS {
		t.Errorf("got %T", conn)
	}
	// It is not for URLs without TLS.
	plain := listen(t, answerWith(good101()))
	d.NetDial = nil
	conn, br, _, err = d.Dial(context.Background(), "ws://"+plain)
	dialed(t, conn, br, err)
}

func TestDialUsesTLSClient(t *testing.T) {
	a := newAuthority(t)
	addr := a.listenTLS(t, nil, func(conn *tls.Conn) { answerWith(good101())(conn) })
	var hostname string
	var layers []string
	d := ws.Dialer{
		TLSConfig: &tls.Config{ServerName: "not used"},
		TLSClient: func(conn net.Conn, host string) net.Conn {
			hostname = host
			layers = append(layers, "TLS")
			return tls.Client(conn, &tls.Config{RootCAs: a.pool, ServerName: host})
		},
		WrapConn: func(conn net.Conn) net.Conn { layers = append(layers, "wrap"); return conn },
	}
	conn, br, _, err := d.Dial(context.Background(), "wss://"+addr)
	dialed(t, conn, br, err)
	if hostname != "127.0.0.1" || !slices.Equal(layers, []string{"TLS", "wrap"}) {
		t.Errorf("got %q, %q", hostname, layers)
	}
	// A connection of another make is taken as it is.
	plain := listen(t, answerWith(good101()))
	d = ws.Dialer{TLSClient: func(conn net.Conn, _ string) net.Conn { return struct{ net.Conn }{conn} }}
	conn, br, _, err = d.Dial(context.Background(), "wss://"+plain)
	dialed(t, conn, br, err)
}

func TestDialOverTLSToAServerWithoutIt(t *testing.T) {
	addr := listen(t, answerAndClose("HTTP/1.1 400 Bad Request\r\n\r\n"))
	conn, _, _, err := ws.Dial(context.Background(), "wss://"+addr)
	if conn != nil || err == nil {
		t.Errorf("got %v, %v", conn, err)
	}
}

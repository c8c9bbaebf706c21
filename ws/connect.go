package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// connect dials, lays TLS over the connection if u wants it, and wraps it.
func (d *Dialer) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	addr := net.JoinHostPort(u.Hostname(), port)
	secure := u.Scheme == "wss" || u.Scheme == "https"

	dial, layer := d.NetDial, secure
	if secure && d.NetDialTLS != nil {
		dial, layer = d.NetDialTLS, false
	}
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	if d.Proxy != nil {
		proxy, err := d.proxyFor(u)
		if err != nil {
			return nil, err
		}
		if proxy != nil {
			dial, layer = d.through(proxy), secure
		}
	}
	if trace := traceOf(ctx); trace.GetConn != nil {
		trace.GetConn(addr)
	}
	conn, err := dial(ctx, "tcp", addr)
	if err != nil {
		return nil, withCause(ctx, err)
	}
	if layer {
		secured, err := d.secure(ctx, conn, u.Hostname())
		if err != nil {
			conn.Close()
			return nil, withCause(ctx, err)
		}
		conn = secured
	}
	if d.WrapConn != nil {
		conn = d.WrapConn(conn)
	}
	return conn, nil
}

// secure lays TLS over conn. A *tls.Conn has finished its handshake then, so
// that its errors are its own and not those of a write.
func (d *Dialer) secure(ctx context.Context, conn net.Conn, hostname string) (net.Conn, error) {
	if d.TLSClient != nil {
		conn = d.TLSClient(conn, hostname)
	} else {
		conn = tls.Client(conn, d.tlsConfig(hostname))
	}
	if t, ok := conn.(*tls.Conn); ok {
		if err := handshakeTLS(ctx, t); err != nil {
			return nil, err
		}
		if p := t.ConnectionState().NegotiatedProtocol; p != "" && p != "http/1.1" {
			return nil, reject(ErrHandshakeBadProtocol, p)
		}
	}
	return conn, nil
}

func (d *Dialer) tlsConfig(hostname string) *tls.Config {
	config := d.TLSConfig
	if config == nil {
		config = new(tls.Config)
	} else {
		config = config.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = hostname
	}
	if len(config.NextProtos) == 0 {
		// RFC 7301: HTTP/1.1 is what will be spoken.
		config.NextProtos = []string{"http/1.1"}
	}
	return config
}

// withCause puts ctx's error in front of what it has probably led to.
func withCause(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("%w: %w", ended, err)
	}
	return err
}

// longAgo as a deadline ends I/O at once.
var longAgo = time.Unix(1, 0)

// withContext calls f, whose I/O on conn ends when ctx does; the error is
// ctx's then, unless the server's refusal was known before. Afterwards conn has
// no deadline.
func withContext(ctx context.Context, conn net.Conn, f func() error) error {
	if ctx.Done() == nil {
		return f()
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		if conn.SetDeadline(longAgo) != nil {
			conn.Close()
		}
		close(interrupted)
	})
	err := f()
	if !stop() {
		// ctx ended: even if f was faster, conn may have been spoilt by the
		// deadline, and the caller has been promised an end.
		<-interrupted
		if _, refused := errors.AsType[*ResponseError](err); !refused {
			err = ctx.Err()
		}
	}
	return err
}

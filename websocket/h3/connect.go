package h3

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// connectError says that there is no connection that takes WebSockets. Another version
// of HTTP may have one.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// connect makes a connection, and waits for the SETTINGS of the server.
func (t *Transport) connect(ctx context.Context, addr string) (*clientConn, error) {
	config := t.QUICConfig
	if config == nil {
		config = QUICConfig(t.maxStreams(), 0)
	}
	if config = config.Clone(); config.MaxIncomingStreams == 0 || t.QUICConfig == nil {
		config.MaxIncomingStreams = -1 // the server has none to open (RFC 9114, section 6.1)
	}
	dial := t.Dial
	if dial == nil {
		dial = dialUDP
	}
	conn, err := dial(ctx, addr, t.tlsConfig(addr), config)
	if err != nil {
		return nil, &connectError{notOffered(ctx, err)}
	}
	return t.settle(ctx, addr, conn)
}

// settle waits for the SETTINGS, without which no extended CONNECT may be sent (RFC
// 9220, section 3).
func (t *Transport) settle(ctx context.Context, addr string, conn *quic.Conn) (*clientConn, error) {
	h := (&http3.Transport{
		DisableCompression:     true,
		MaxResponseHeaderBytes: min(cmp.Or(max(t.MaxHeaderBytes, 0), defaultMaxHeader), largestMaxHeader),
	}).NewClientConn(conn)
	select {
	case <-h.ReceivedSettings():
	case <-conn.Context().Done():
		return nil, &connectError{typed(context.Cause(conn.Context()))}
	case <-ctx.Done():
		h.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeMissingSettings), "")
		return nil, &connectError{fmt.Errorf("h3: the server has not sent its SETTINGS: %w", ctx.Err())}
	}
	if !h.Settings().EnableExtendedConnect {
		h.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
		return nil, &connectError{fmt.Errorf("%w: its SETTINGS lack SETTINGS_ENABLE_CONNECT_PROTOCOL", ErrNotOffered)}
	}
	c := &clientConn{quic: conn, http: h, max: t.maxStreams(), timeout: t.connectTimeout(), idleTimeout: max(cmp.Or(t.IdleTimeout, 90*time.Second), 0)}
	context.AfterFunc(conn.Context(), func() {
		c.end(typed(context.Cause(conn.Context())))
		t.pool.Forget(addr, c)
	})
	return c, nil
}

// noApplicationProtocol is the alert of TLS of a server that does not know "h3" (RFC
// 9001, section 8.1), as an error of QUIC.
const noApplicationProtocol = quic.TransportErrorCode(0x100 + 120)

// notOffered returns what it means that there is no connection.
func notOffered(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("h3: no connection: %w", ended)
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok && e.ErrorCode == noApplicationProtocol {
		return fmt.Errorf("%w: it speaks another protocol over QUIC", ErrNotOffered)
	}
	if errors.Is(err, net.ErrClosed) { // that of quic-go, which nobody has closed
		return typed(err)
	}
	return fmt.Errorf("h3: no connection: %w", err)
}

// tlsConfig returns a copy of that of t, for a server.
func (t *Transport) tlsConfig(addr string) *tls.Config {
	config := t.TLSClientConfig.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(addr)
	}
	config.NextProtos = []string{http3.NextProtoH3}
	return config
}

// dialUDP connects to the first address of a host that answers, by a socket that is
// closed with the connection.
func dialUDP(ctx context.Context, addr string, tlsConfig *tls.Config, config *quic.Config) (conn *quic.Conn, err error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		if conn, err = dialIP(ctx, netip.AddrPortFrom(ip.Unmap(), uint16(port)), tlsConfig, config); err == nil || ctx.Err() != nil {
			break
		}
	}
	return conn, err
}

func dialIP(ctx context.Context, addr netip.AddrPort, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, err
	}
	conn, err := quic.Dial(ctx, socket, net.UDPAddrFromAddrPort(addr), tlsConfig, config)
	if err != nil {
		socket.Close()
		return nil, err
	}
	context.AfterFunc(conn.Context(), func() { socket.Close() })
	return conn, nil
}

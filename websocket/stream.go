package websocket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/streamconn"
	"github.com/wirews/wirews/ws"
)

// acceptStream is Accept for the extended CONNECT of HTTP/2 and HTTP/3.
func acceptStream(u *ws.HTTPUpgrader, w http.ResponseWriter, r *http.Request) (net.Conn, ws.Handshake, error) {
	hs, err := u.UpgradeStream(r, w)
	if err != nil {
		return nil, hs, err
	}
	s := &httpStream{body: r.Body, w: w, control: http.NewResponseController(w)}
	context.AfterFunc(r.Context(), s.leave)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return &streamConn{streamconn.New(s, orUnknown(local), peerAddr(r)), r.TLS}, hs, nil
}

// streamConn is a connection over a stream of HTTP.
type streamConn struct {
	*streamconn.Conn
	tls *tls.ConnectionState
}

// orUnknown returns addr, or something for it.
func orUnknown(addr net.Addr) net.Addr {
	if addr == nil {
		return unknownAddr{}
	}
	return addr
}

// peerAddr returns the address of who has sent r.
func peerAddr(r *http.Request) net.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return unknownAddr{}
	}
	return net.TCPAddrFromAddrPort(addr)
}

// httpStream is the stream of a request: its body, and its response. The response is
// not to be touched once the handler has returned.
type httpStream struct {
	body    io.ReadCloser
	w       http.ResponseWriter
	control *http.ResponseController
	writing atomic.Bool
	mu      sync.Mutex // held while the response is used
	left    bool       // the handler has returned, or the stream has ended
}

var errHandlerReturned = errors.New("the handler has returned, or the stream has ended; over HTTP/2 and HTTP/3 a handler must not return before its connection has ended")

func (s *httpStream) Read(p []byte) (int, error) { return s.body.Read(p) }

// Write writes p and flushes it. A handler that returns meanwhile has net/http panic.
func (s *httpStream) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errHandlerReturned, v)
		}
	}()
	if s.left {
		return 0, errHandlerReturned
	}
	s.writing.Store(true)
	defer s.writing.Store(false)
	if n, err = s.w.Write(p); err == nil {
		err = s.control.Flush()
	}
	return n, err
}

// CloseWrite cannot be done: the response ends when the handler returns.
func (s *httpStream) CloseWrite() error { return errors.ErrUnsupported }

// Abort ends a Read, and a Write if one waits: with an expired deadline, which is
// the end of the stream.
func (s *httpStream) Abort() {
	s.body.Close()
	if s.writing.Load() {
		s.control.SetWriteDeadline(time.Unix(1, 0))
	}
}

// leave says that the handler has returned, or that the stream has ended.
func (s *httpStream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
}

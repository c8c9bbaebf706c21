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

// StreamHijacker is an http.ResponseWriter that gives away the stream of an extended
// CONNECT, as an http.Hijacker gives away the connection of HTTP/1.1. That of
// h3.Handler is one. [Accept] asks for it, and for those that a writer unwraps to.
type StreamHijacker interface {
	// HijackStream is called once the response has been sent, with the status 200. What
	// it returns carries the bytes of the connection and belongs to the caller, after
	// the handler has returned too. Deadlines that are set on it end calls, and not
	// the stream.
	HijackStream() (net.Conn, error)
}

// hijacker returns the StreamHijacker that w is, or unwraps to, or nil.
func hijacker(w http.ResponseWriter) StreamHijacker {
	for {
		if h, ok := w.(StreamHijacker); ok {
			return h
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = wrapper.Unwrap()
	}
}

// acceptStream is Accept for the extended CONNECT of HTTP/2 and HTTP/3.
func acceptStream(u *ws.HTTPUpgrader, w http.ResponseWriter, r *http.Request) (net.Conn, ws.Handshake, error) {
	hs, err := u.UpgradeStream(r, w)
	if err != nil {
		return nil, hs, err
	}
	if h := hijacker(w); h != nil {
		conn, err := h.HijackStream()
		return conn, hs, err
	}
	s := &httpStream{body: r.Body, w: w, control: http.NewResponseController(w)}
	context.AfterFunc(r.Context(), s.leave)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return &streamConn{streamconn.New(s, orUnknown(local), peerAddr(r)), r.TLS}, hs, nil
}

// streamConn is a connection over a stream of HTTP that ends with its handler.
type streamConn struct {
	*streamconn.Conn
	tls *tls.ConnectionState
}

// endsWithHandler reports whether a connection must not outlive the handler of its
// request.
func (c *Conn) endsWithHandler() bool {
	_, bound := c.transport.conn.(*streamConn)
	return bound
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
	aborted atomic.Bool // set before Abort looks for a Write
	mu      sync.Mutex  // held while the response is used
	left    bool        // the handler has returned, or the stream has ended
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
	if s.aborted.Load() {
		return 0, net.ErrClosed
	}
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
	s.aborted.Store(true)
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

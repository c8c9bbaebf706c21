package websocket_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pipeListener accepts connections in memory, so that whoever they are between
// can live in a bubble of testing/synctest: there time passes only while all of
// them wait, however busy the machine is.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// dial has the listener accept one end of a connection, and returns the other.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// onPipes runs a server in memory, with TLS if its configuration says so, and
// returns a client that reaches it whatever the host is.
func onPipes(t *testing.T, s *http.Server) *http.Client {
	t.Helper()
	l := &pipeListener{make(chan net.Conn), make(chan struct{})}
	ended := make(chan bool)
	go func() {
		defer close(ended)
		if s.TLSConfig != nil {
			s.ServeTLS(l, "", "")
		} else {
			s.Serve(l)
		}
	}()
	tr := &http.Transport{DialContext: l.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		s.Close()
		<-ended
	})
	return &http.Client{Transport: tr}
}

// noFlusher waits until nobody looks after what is held back. Whoever does may
// have been begun by another test, outside of the bubble of this one.
func noFlusher(t *testing.T) {
	t.Helper()
	for b, begun := make([]byte, 1<<20), time.Now(); strings.Contains(string(b[:runtime.Stack(b, true)]), "(*flusher).run"); time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatal("the flusher goes on")
		}
	}
}

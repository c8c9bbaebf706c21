package websocket_test

import (
	"net"
	"net/http"
	"testing"

	"github.com/wirews/wirews/websocket/wstest"
)

// onPipes runs a server in memory, with TLS if its configuration says so, and
// returns a client that reaches it whatever the host is. It may live in a bubble of
// testing/synctest.
func onPipes(t *testing.T, s *http.Server) *http.Client {
	t.Helper()
	serve := s.Serve
	if s.TLSConfig != nil {
		serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	memory := wstest.Start(t, serve, s.Close)
	memory.Transport.ForceAttemptHTTP2 = true
	return memory.Client()
}

package websocket_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// A client that is refused while it is still sending gets the answer, and can
// send all it has: RFC 9112, 9.6. To write to a pipe whose other end is closed is
// an error, as it is after an RST.
func TestARefusalArrivesWhileInputIsUnread(t *testing.T) {
	cookies := wstest.GoodRequest().With("Cookie: a=" + strings.Repeat("x", 60_000)).Bytes()
	early := append(wstest.GoodRequest().Bytes(), masked(ws.OpBinary, true, strings.Repeat("x", 60_000))...)
	config := serverTLS()
	for name, tc := range map[string]struct {
		request []byte
		status  int
	}{
		"431": {cookies, 431},
		"400": {early, 400},
		"403": {append(wstest.GoodRequest().With("Origin: https://evil.example.org").Bytes(), early...), 400},
	} {
		for _, secure := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				if secure {
					client, server = tls.Client(client, &tls.Config{InsecureSkipVerify: true}), tls.Server(server, config)
				}
				wrote := make(chan error, 1)
				go func() {
					_, err := client.Write(tc.request)
					wrote <- err
				}()
				accepted := make(chan error, 1)
				go func() {
					_, err := websocket.AcceptConn(server, nil)
					accepted <- err
				}()
				resp, _ := answerOf(t, client)
				if resp.StatusCode != tc.status {
					t.Errorf("%s, TLS %v: status %d", name, secure, resp.StatusCode)
				}
				if err := <-wrote; err != nil {
					t.Errorf("%s, TLS %v: the client's Write: %v", name, secure, err)
				}
				client.Close()
				if err := <-accepted; err == nil {
					t.Errorf("%s: accepted", name)
				}
			})
		}
	}
}

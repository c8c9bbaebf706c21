package websocket_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	websocket "github.com/wirews/wirews/compat/gorilla"
)

// serve returns the URL of a server that upgrades requests with u and has handler
// have the connection, which is closed when that returns.
func serve(t testing.TB, u *websocket.Upgrader, handler func(*websocket.Conn)) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		handler(c)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// dial connects with d.
func dial(t testing.TB, d *websocket.Dialer, url string) *websocket.Conn {
	t.Helper()
	c, _, err := d.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// pair returns the two ends of a connection.
func pair(t testing.TB, u *websocket.Upgrader, d *websocket.Dialer) (server, client *websocket.Conn) {
	t.Helper()
	servers, done := make(chan *websocket.Conn), make(chan bool)
	t.Cleanup(func() { close(done) })
	url := serve(t, u, func(c *websocket.Conn) {
		servers <- c
		<-done
	})
	dialled := make(chan *websocket.Conn, 1)
	go func() {
		c, _, err := d.Dial(url, nil)
		if err != nil {
			t.Error(err)
		}
		dialled <- c
	}()
	server = <-servers
	if client = <-dialled; client == nil {
		t.FailNow()
	}
	t.Cleanup(func() { client.Close() })
	return server, client
}

// both are the options of a pair that compresses, and of one that does not.
var both = map[string]struct {
	u websocket.Upgrader
	d websocket.Dialer
}{
	"plain":      {},
	"compressed": {websocket.Upgrader{EnableCompression: true}, websocket.Dialer{EnableCompression: true}},
}

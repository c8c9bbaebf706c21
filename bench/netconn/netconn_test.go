// Package netconn holds websocket.NetConn against the test that
// golang.org/x/net has for every net.Conn.
package netconn

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/net/nettest"

	"github.com/wirews/wirews/websocket"
)

func TestConn(t *testing.T) {
	for name, mode := range map[string]websocket.CompressionMode{
		"plain": websocket.CompressionDisabled, "compressed": websocket.CompressionContextTakeover,
	} {
		t.Run(name, func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				accepted := make(chan *websocket.Conn, 1)
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: mode})
					if err != nil {
						t.Error(err)
					}
					accepted <- c
				}))
				ctx := context.Background()
				client, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{CompressionMode: mode})
				if err != nil {
					return nil, nil, nil, err
				}
				c1 = websocket.NetConn(ctx, client, websocket.MessageBinary)
				c2 = websocket.NetConn(ctx, <-accepted, websocket.MessageBinary)
				return c1, c2, func() {
					c1.Close()
					c2.Close()
					s.Close()
				}, nil
			})
		})
	}
}

package h2_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	_ "github.com/wirews/wirews/websocket/xconnect" // has the server offer it
)

// Two WebSockets on one connection.
func ExampleTransport() {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		c.Write(r.Context(), websocket.MessageText, []byte("over "+r.Proto))
		c.Close(websocket.StatusNormalClosure, "")
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()

	transport := &h2.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig}
	defer transport.CloseIdleConnections()
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
	ctx := context.Background()
	var addrs []string
	for range 2 {
		c, _, err := websocket.Dial(ctx, s.URL, opts)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer c.CloseNow()
		_, p, err := c.Read(ctx)
		fmt.Println(string(p), err)
		addrs = append(addrs, c.LocalAddr().String())
	}
	fmt.Println("the same connection:", addrs[0] == addrs[1])
	// Output:
	// over HTTP/2.0 <nil>
	// over HTTP/2.0 <nil>
	// the same connection: true
}

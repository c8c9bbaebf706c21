package websocket_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/wirews/wirews/websocket"
)

// The clients of most servers come and go as they like. The others are logged.
func ExampleIsUnexpectedClose() {
	for _, code := range []websocket.StatusCode{websocket.StatusGoingAway, 4001} {
		s := server(nil, func(c *websocket.Conn) { c.Close(code, "") })
		c, _, err := websocket.Dial(context.Background(), s.URL, nil)
		if err == nil {
			_, _, err = c.Read(context.Background())
		}
		if websocket.IsUnexpectedClose(err, websocket.StatusNormalClosure, websocket.StatusGoingAway) {
			fmt.Println(err)
		}
		s.Close()
	}
	// Output: websocket: closed by the peer: 4001
}

// A hub drops a member under its lock, without waiting for it.
func ExampleConn_CloseLater() {
	var mu sync.Mutex
	members := make(map[*websocket.Conn]bool)
	joined := make(chan bool)
	s := server(nil, func(c *websocket.Conn) {
		mu.Lock()
		members[c] = true
		mu.Unlock()
		joined <- true
		c.Read(context.Background()) // it ends within five seconds
	})
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	<-joined

	mu.Lock()
	for member := range members {
		member.CloseLater(websocket.StatusTryAgainLater, "too slow")
		delete(members, member)
	}
	mu.Unlock()

	_, _, err = c.Read(context.Background())
	fmt.Println(err)
	// Output: websocket: closed by the peer: 1013 Try Again Later "too slow"
}

// Which pages may connect is asked of a function, for example one that knows
// which customer has which sites.
func ExampleAcceptOptions_checkOrigin() {
	sites := map[string]string{"/acme": "https://acme.example", "/foo": "https://foo.example"}
	s := server(&websocket.AcceptOptions{
		CheckOrigin: func(r *http.Request, origin string) bool { return origin == sites[r.URL.Path] },
	}, func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") })
	defer s.Close()
	for _, path := range []string{"/acme", "/foo"} {
		c, resp, err := websocket.Dial(context.Background(), s.URL+path, &websocket.DialOptions{
			HTTPHeader: http.Header{"Origin": {"https://acme.example"}},
		})
		fmt.Println(path, resp.Status)
		if err == nil {
			c.CloseNow()
		}
	}
	// Output:
	// /acme 101 Switching Protocols
	// /foo 403 Forbidden
}

// An option of the socket that nothing else sets.
func ExampleConn_UnderlyingConn() {
	s := server(nil, func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") })
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	if conn, ok := c.UnderlyingConn().(interface{ SetKeepAlivePeriod(time.Duration) error }); ok {
		fmt.Println(conn.SetKeepAlivePeriod(time.Minute))
	}
	fmt.Println("over TLS:", c.TLS() != nil)
	// Output:
	// <nil>
	// over TLS: false
}

package websocket_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/ws"
)

var upgrader = websocket.Upgrader{Subprotocols: []string{"echo"}, EnableCompression: true}

// echo sends what it receives back.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	c.SetReadLimit(1 << 20)
	for {
		typ, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(typ, p) != nil {
			return
		}
	}
}

// dialEcho returns a connection to an echo server.
func dialEcho() (c *websocket.Conn, done func()) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	d := websocket.Dialer{Subprotocols: []string{"echo"}, HandshakeTimeout: time.Minute, EnableCompression: true}
	c, _, err := d.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil {
		panic(err)
	}
	return c, func() {
		c.Close()
		s.Close()
	}
}

func Example() {
	c, done := dialEcho()
	defer done()
	if err := c.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		fmt.Println(err)
	}
	_, p, err := c.ReadMessage()
	fmt.Println(c.Subprotocol(), string(p), err)

	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "that was all")
	c.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second))
	_, _, err = c.ReadMessage()
	fmt.Println(websocket.IsCloseError(err, websocket.CloseNormalClosure), err)
	// Output:
	// echo hello <nil>
	// true websocket: close 1000 (normal)
}

func ExampleConn_NextWriter() {
	c, done := dialEcho()
	defer done()
	w, err := c.NextWriter(websocket.BinaryMessage)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(w, "in ")
	io.Copy(w, strings.NewReader("pieces"))
	fmt.Println(w.Close())
	_, r, err := c.NextReader()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := io.ReadAll(r)
	fmt.Println(string(p), err)
	// Output:
	// <nil>
	// in pieces <nil>
}

func ExampleConn_SetPongHandler() {
	c, done := dialEcho()
	defer done()
	c.SetPongHandler(func(data string) error {
		fmt.Println("pong", data)
		return nil
	})
	c.WriteControl(websocket.PingMessage, []byte("1"), time.Now().Add(time.Second))
	c.WriteMessage(websocket.TextMessage, []byte("after it"))
	_, p, _ := c.ReadMessage() // the handler is called in here
	fmt.Println(string(p))
	// Output:
	// pong 1
	// after it
}

func ExampleConn_WriteJSON() {
	c, done := dialEcho()
	defer done()
	fmt.Println(c.WriteJSON(map[string]int{"a": 1}))
	var v map[string]int
	err := c.ReadJSON(&v)
	fmt.Println(v, err)
	// Output:
	// <nil>
	// map[a:1] <nil>
}

func ExampleConn_WritePreparedMessage() {
	c, done := dialEcho()
	defer done()
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte("for many"))
	fmt.Println(err, c.WritePreparedMessage(m))
	_, p, _ := c.ReadMessage()
	fmt.Println(string(p))
	// Output:
	// <nil> <nil>
	// for many
}

func ExampleConn_SetCompressionLevel() {
	c, done := dialEcho()
	defer done()
	fmt.Println(c.SetCompressionLevel(9), c.SetCompressionLevel(10))
	c.EnableWriteCompression(false) // what is compressed already
	fmt.Println(c.WriteMessage(websocket.BinaryMessage, []byte("a picture")))
	// Output:
	// <nil> websocket: invalid compression level: it is -2 to 9
	// <nil>
}

func ExampleJoinMessages() {
	c, done := dialEcho()
	defer done()
	for _, word := range []string{"one", "two"} {
		c.WriteMessage(websocket.TextMessage, []byte(word))
	}
	c.WriteMessage(websocket.CloseMessage, nil)
	all, err := io.ReadAll(websocket.JoinMessages(c, "; "))
	fmt.Printf("%s%v\n", all, err)
	// Output: one; two; websocket: close 1005 (no status)
}

func ExampleUpgrader_Upgrade() {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	_, err := upgrader.Upgrade(w, r, nil)
	if _, ok := err.(websocket.HandshakeError); ok {
		fmt.Println(w.Code, errors.Is(err, ws.ErrHandshakeBadUpgrade))
	}
	// Output: 400 true
}

func ExampleDialer_Dial() {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err == websocket.ErrBadHandshake {
		fmt.Println(resp.Status)
	}
	// Output: 404 Not Found
}

func ExampleIsUnexpectedCloseError() {
	var err error = &websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: "unexpected EOF"}
	fmt.Println(websocket.IsUnexpectedCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway))
	fmt.Println(err)
	// Output:
	// true
	// websocket: close 1006 (abnormal closure): unexpected EOF
}

func ExampleIsWebSocketUpgrade() {
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Protocol", "chat, superchat")
	fmt.Println(websocket.IsWebSocketUpgrade(r), websocket.Subprotocols(r))
	// Output: true [chat superchat]
}

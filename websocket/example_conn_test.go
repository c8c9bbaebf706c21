package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// server runs a server that gives each connection to f, and closes it.
func server(opts *websocket.AcceptOptions, f func(c *websocket.Conn)) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		f(c)
	}))
}

// A server that refuses says why.
func ExampleDial() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "closed on Sundays", http.StatusServiceUnavailable)
	}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{Subprotocols: []string{"chat"}})
	var refusal *ws.ResponseError
	if errors.As(err, &refusal) {
		fmt.Printf("%d %s", refusal.Status, refusal.Body)
	}
	// Output: 503 closed on Sundays
}

// Pages of other sites may connect if they are named.
func ExampleAcceptOptions() {
	s := server(&websocket.AcceptOptions{
		Subprotocols:    []string{"chat.v2", "chat.v1"},
		OriginPatterns:  []string{"*.example.com"},
		CompressionMode: websocket.CompressionContextTakeover,
		ReadTimeout:     time.Minute,
	}, func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") })
	defer s.Close()
	for _, origin := range []string{"https://www.example.com", "https://evil.example.org"} {
		c, resp, err := websocket.Dial(context.Background(), s.URL, &websocket.DialOptions{
			HTTPHeader:   http.Header{"Origin": {origin}},
			Subprotocols: []string{"chat.v1", "chat.v2"},
		})
		if err != nil {
			fmt.Println(resp.Status)
			continue
		}
		fmt.Println(c.Subprotocol())
		c.Close(websocket.StatusNormalClosure, "")
	}
	// Output:
	// chat.v2
	// 403 Forbidden
}

// A server for many: peers that have vanished are found, and what connections hold
// together has bounds.
func ExampleAcceptOptions_memory() {
	windows, messages := websocket.NewBudget(64<<20), websocket.NewBudget(128<<20)
	s := server(&websocket.AcceptOptions{
		CompressionMode: websocket.CompressionContextTakeover,
		Compression:     &websocket.CompressionOptions{ServerMaxWindowBits: 12, Budget: windows},
		MessageBudget:   messages,
		KeepAlive:       websocket.KeepAlive{Interval: 30 * time.Second, Timeout: 10 * time.Second},
		StallTimeout:    30 * time.Second,
	}, func(c *websocket.Conn) {
		c.Write(context.Background(), websocket.MessageText, []byte("welcome"))
		c.Read(context.Background())
	})
	defer s.Close()
	c, resp, err := websocket.Dial(context.Background(), s.URL, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Read(context.Background())
	fmt.Println(resp.Header.Get("Sec-WebSocket-Extensions"))
	fmt.Println(windows.Used() > 0, messages.Used())
	c.Close(websocket.StatusNormalClosure, "")
	// Output:
	// permessage-deflate; server_max_window_bits=12
	// true 0
}

// A loop that reads into the same memory again and again.
func ExampleConn_ReadAppend() {
	s := server(nil, func(c *websocket.Conn) {
		for _, word := range []string{"one", "two"} {
			c.Write(context.Background(), websocket.MessageText, []byte(word))
		}
		c.Close(websocket.StatusNormalClosure, "that is all")
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	var p []byte
	for {
		if _, p, err = c.ReadAppend(ctx, p[:0]); err != nil {
			break
		}
		fmt.Println(string(p))
	}
	if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		fmt.Println(err)
	}
	// Output:
	// one
	// two
}

// The loop ends without an error when the peer has said all.
func ExampleConn_Messages() {
	s := server(nil, func(c *websocket.Conn) {
		for _, word := range []string{"one", "two"} {
			c.Write(context.Background(), websocket.MessageText, []byte(word))
		}
		c.Close(websocket.StatusNormalClosure, "that is all")
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	for m, err := range c.Messages(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n", m.Data)
	}
	fmt.Println("end")
	// Output:
	// one
	// two
	// end
}

// Messages that need not fit into memory.
func ExampleConn_Writer() {
	s := server(nil, func(c *websocket.Conn) {
		c.SetReadLimit(-1)
		_, r, err := c.Reader(context.Background())
		if err != nil {
			return
		}
		n, err := io.Copy(io.Discard, r)
		c.Write(context.Background(), websocket.MessageText, fmt.Append(nil, n, " bytes, ", err))
		c.Read(context.Background()) // the client closes
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	w, err := c.Writer(ctx, websocket.MessageBinary)
	if err != nil {
		fmt.Println(err)
		return
	}
	io.Copy(w, strings.NewReader(strings.Repeat("x", 200_000)))
	w.Close()
	_, p, _ := c.Read(ctx)
	fmt.Println(string(p))
	c.Close(websocket.StatusNormalClosure, "")
	// Output: 200000 bytes, <nil>
}

// A context that ends ends the call, and not the connection.
func ExampleConn_Read() {
	proceed := make(chan bool)
	s := server(nil, func(c *websocket.Conn) {
		<-proceed
		c.Write(context.Background(), websocket.MessageText, []byte("at last"))
		c.Read(context.Background())
	})
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err = c.Read(short)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	close(proceed)
	_, p, err := c.Read(context.Background())
	fmt.Println(string(p), err)
	// Output:
	// true
	// at last <nil>
}

func ExampleConn_SetReadLimit() {
	read := make(chan error, 1)
	s := server(nil, func(c *websocket.Conn) {
		c.SetReadLimit(1000)
		_, _, err := c.Read(context.Background())
		read <- err
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	c.Write(ctx, websocket.MessageBinary, make([]byte, 1001))
	_, _, err = c.Read(ctx)
	fmt.Println(websocket.CloseStatus(err))
	fmt.Println(errors.Is(<-read, websocket.ErrMessageTooBig))
	// Output:
	// StatusMessageTooBig
	// true
}

// A picture is compressed already.
func ExampleConn_WriteUncompressed() {
	s := server(&websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover}, func(c *websocket.Conn) {
		ctx := context.Background()
		c.Write(ctx, websocket.MessageText, []byte(strings.Repeat("a text ", 1000)))
		c.WriteUncompressed(ctx, websocket.MessageBinary, []byte("\x89PNG..."))
		c.Read(ctx)
	})
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	for range 2 {
		typ, p, err := c.Read(ctx)
		fmt.Println(typ, len(p), err)
	}
	// Output:
	// MessageText 7000 <nil>
	// MessageBinary 7 <nil>
}

// A writer pings in its own loop, between messages, and waits for no pong.
func ExampleConn_SendPing() {
	s := server(nil, func(c *websocket.Conn) { c.Read(context.Background()) })
	defer s.Close()
	ctx := context.Background()
	pongs := make(chan string, 1)
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{
		OnPongReceived: func(_ context.Context, payload []byte) { pongs <- string(payload) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	c.CloseRead(ctx) // whoever reads sees the pong
	if err := c.SendPing(ctx, []byte("still there?")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(<-pongs)
	// Output: still there?
}

// With KeepAlive, the last round trip is known without asking for one.
func ExampleConn_RTT() {
	s := server(nil, func(c *websocket.Conn) { c.Read(context.Background()) })
	defer s.Close()
	ctx := context.Background()
	pong := make(chan bool, 100)
	c, _, err := websocket.Dial(ctx, s.URL, &websocket.DialOptions{
		KeepAlive:      websocket.KeepAlive{Interval: time.Millisecond, Timeout: time.Minute},
		OnPongReceived: func(context.Context, []byte) { pong <- true },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	fmt.Println(c.RTT())
	c.CloseRead(ctx)
	for range 2 { // the first one counts when its hook has returned
		<-pong
	}
	fmt.Println(c.RTT() > 0)
	// Output:
	// 0s
	// true
}

// Somebody has to read for a pong to be seen: here CloseRead.
func ExampleConn_PingRTT() {
	s := server(nil, func(c *websocket.Conn) { c.Read(context.Background()) })
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c.CloseRead(ctx)
	rtt, err := c.PingRTT(ctx)
	fmt.Println(0 < rtt && rtt < 10*time.Second, err)
	// Output: true <nil>
}

// A program that only writes stops when the connection has ended.
func ExampleConn_CloseRead() {
	s := server(nil, func(c *websocket.Conn) {
		c.Read(context.Background())
		c.Close(4000, "no more")
	})
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	ctx := c.CloseRead(context.Background())
	for ctx.Err() == nil {
		c.Write(ctx, websocket.MessageText, []byte("tick"))
	}
	fmt.Println(context.Cause(ctx))
	// Output: websocket: closed by the peer: 4000 "no more"
}

// A message for many is encoded, and compressed, once.
func ExampleConn_WritePrepared() {
	m, err := websocket.NewPreparedMessage(websocket.MessageText, []byte("to everybody"))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := server(nil, func(c *websocket.Conn) {
		c.WritePrepared(context.Background(), m)
		c.Read(context.Background())
	})
	defer s.Close()
	for range 2 {
		c, _, err := websocket.Dial(context.Background(), s.URL, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, p, _ := c.Read(context.Background())
		fmt.Println(string(p))
		c.CloseNow()
	}
	// Output:
	// to everybody
	// to everybody
}

// A stream of bytes, for what wants a net.Conn.
func ExampleNetConn() {
	s := server(nil, func(c *websocket.Conn) {
		conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
		io.Copy(conn, conn)
		conn.Close()
	})
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	conn := websocket.NetConn(ctx, c, websocket.MessageBinary)
	defer conn.Close()
	io.WriteString(conn, "Hello, ")
	io.WriteString(conn, "stream")
	b := make([]byte, 13)
	_, err = io.ReadFull(conn, b)
	fmt.Println(string(bytes.ToUpper(b)), err)
	// Output: HELLO, STREAM <nil>
}

// A code and a reason, and no longer than ctx to wait for the answer.
func ExampleConn_CloseContext() {
	ended := make(chan error, 1)
	s := server(nil, func(c *websocket.Conn) {
		_, _, err := c.Read(context.Background())
		ended <- err
	})
	defer s.Close()
	c, _, err := websocket.Dial(context.Background(), s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(c.CloseContext(ctx, websocket.StatusGoingAway, "on holiday"))
	fmt.Println(<-ended)
	// Output:
	// <nil>
	// websocket: closed by the peer: 1001 Going Away "on holiday"
}

package ws_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// exampleRequest is the request of RFC 6455, section 1.3.
const exampleRequest = "GET /chat HTTP/1.1\r\n" +
	"Host: server.example.com\r\n" +
	"Upgrade: websocket\r\n" +
	"Connection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Origin: http://example.com\r\n" +
	"Sec-WebSocket-Protocol: chat, superchat\r\n" +
	"Sec-WebSocket-Version: 13\r\n\r\n"

// exchange plays a client that sends a request over conn and prints the first
// line of the response.
func exchange(conn net.Conn, request string) {
	go io.WriteString(conn, request)
	line, _ := bufio.NewReader(conn).ReadString('\n')
	fmt.Println(strings.TrimSpace(line))
}

func ExampleUpgrader_Upgrade() {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		u := ws.Upgrader{
			Timeout:  5 * time.Second,
			Protocol: func(p []byte) bool { return string(p) == "superchat" },
		}
		if _, err := u.Upgrade(server); err != nil {
			fmt.Println(err)
		}
	}()
	go io.WriteString(client, exampleRequest)
	response, _ := io.ReadAll(client)
	fmt.Println(strings.ReplaceAll(strings.TrimSpace(string(response)), "\r", ""))
	// Output:
	// HTTP/1.1 101 Switching Protocols
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// Sec-WebSocket-Protocol: superchat
}

func ExampleUpgrade() {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		ws.Upgrade(server)
	}()
	exchange(client, exampleRequest)
	// Output: HTTP/1.1 101 Switching Protocols
}

// The bytes of a request arrive as they like; whoever has a loop of his own
// feeds what has come so far.
func ExampleServerHandshake() {
	u := ws.Upgrader{Origin: ws.SameOrigin}
	hand := ws.ServerHandshake{Upgrader: &u}
	var received, response []byte
	for _, piece := range []string{"GET / HT", "TP/1.1\r\nHost: h\r\n", "\r\n"} {
		received = append(received, piece...)
		var n int
		var err error
		response, _, n, err = hand.Next(response[:0], received)
		switch {
		case err == ws.ErrShort:
			fmt.Println("more")
		case err == ws.ErrNotWebSocket:
			fmt.Printf("plain HTTP, %d bytes of it\n", len(received))
		case err != nil:
			fmt.Printf("send the refusal of %d bytes and close\n", len(response))
		default:
			fmt.Printf("send %d bytes, frames begin at %d\n", len(response), n)
		}
	}
	// Output:
	// more
	// more
	// plain HTTP, 27 bytes of it
}

func ExampleClientHandshake() {
	var hand ws.ClientHandshake
	u, _ := url.Parse("ws://server.example.com/chat")
	request, err := hand.AppendRequest(nil, u)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The server's half stands for the network here.
	var server ws.ServerHandshake
	response, _, _, _ := server.Next(nil, request)

	for n := range len(response) + 1 {
		_, size, err := hand.Next(response[:n])
		if err != ws.ErrShort {
			fmt.Println(size == len(response), err)
			break
		}
	}
	// Output: true <nil>
}

func ExampleClientHandshake_AppendRequest() {
	hand := ws.ClientHandshake{Dialer: &ws.Dialer{Protocols: []string{"a b"}}}
	u, _ := url.Parse("ws://h/")
	_, err := hand.AppendRequest(nil, u)
	var r *ws.RequestError
	fmt.Println(errors.As(err, &r), err)
	// Output: true ws: cannot send subprotocol "a b"
}

func ExampleHTTPUpgrader() {
	u := ws.HTTPUpgrader{Origin: ws.SameOrigin}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := u.Upgrade(r, w)
		if err != nil {
			return // the client has been told
		}
		defer conn.Close()
		ws.WriteFrame(conn, ws.NewTextFrame([]byte("hello")))
	}))
	defer server.Close()

	conn, _, _, err := ws.Dial(context.Background(), server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	frame, err := ws.ReadFrame(conn)
	fmt.Printf("%s %v\n", frame.Payload, err)
	// Output: hello <nil>
}

func ExampleUpgradeHTTP() {
	w := httptest.NewRecorder()
	_, _, _, err := ws.UpgradeHTTP(httptest.NewRequest("GET", "/", nil), w)
	fmt.Println(w.Code, errors.Is(err, ws.ErrHandshakeBadUpgrade))
	// Output: 400 true
}

func ExampleDialer_Dial() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := ws.HTTPUpgrader{Protocol: func(p string) bool { return p == "chat" }}
		if conn, _, _, err := u.Upgrade(r, w); err == nil {
			conn.Close()
		}
	}))
	defer server.Close()

	d := ws.Dialer{Timeout: 5 * time.Second, Protocols: []string{"superchat", "chat"}}
	conn, _, hs, err := d.Dial(context.Background(), server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Println(hs.Protocol)
	// Output: chat
}

// Upgrade is for a connection that is there already.
func ExampleParseURL() {
	u, err := ws.ParseURL("wss://user:secret@example.com/chat")
	fmt.Println(u.Host, u.Path, err)
	_, err = ws.ParseURL("ftp://example.com")
	fmt.Println(err)
	// Output:
	// example.com /chat <nil>
	// ws: cannot send URL scheme "ftp"
}

func ExampleDialer_Upgrade() {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		ws.Upgrade(server)
		ws.WriteFrame(server, ws.NewTextFrame([]byte("hello")))
	}()
	u, _ := url.Parse("ws://server.example.com/")
	br, _, err := ws.Dialer{}.Upgrade(client, u)
	if err != nil {
		fmt.Println(err)
		return
	}
	var from io.Reader = client
	if br != nil {
		defer ws.PutReader(br)
		from = br
	}
	frame, _ := ws.ReadFrame(from)
	fmt.Printf("%s\n", frame.Payload)
	// Output: hello
}

func ExampleResponseError() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer server.Close()

	_, _, _, err := ws.Dial(context.Background(), server.URL)
	var refusal *ws.ResponseError
	if errors.As(err, &refusal) {
		fmt.Printf("%d %q\n", refusal.Status, refusal.Body)
	}
	fmt.Println(err)
	// Output:
	// 401 "who are you?\n"
	// ws: server answered the handshake with HTTP status 401 "Unauthorized": "who are you?"
}

func ExampleStatusError() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()

	_, _, _, err := ws.Dial(context.Background(), server.URL)
	var status ws.StatusError
	fmt.Println(errors.As(err, &status), int(status))
	// Output: true 404
}

func ExampleAllowOrigins() {
	allow, err := ws.AllowOrigins("https://*.example.com", "localhost:*")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, origin := range []string{
		"https://app.example.com",
		"http://app.example.com",
		"http://localhost:3000",
		"https://server.example.net", // the host itself
		"https://evil.example",
	} {
		fmt.Println(allow([]byte(origin), []byte("server.example.net")))
	}
	// Output:
	// true
	// false
	// true
	// true
	// false
}

// A server that has options of its own says which of them would let a page in.
func ExampleUpgrader_onBadOrigin() {
	u := ws.Upgrader{
		Origin: ws.SameOrigin,
		OnBadOrigin: func(origin, host []byte) error {
			return &ws.ConnectionRejectedError{
				Status: 403,
				Reason: fmt.Sprintf("%q may not connect to %q; start the server with -origin to allow it", origin, host),
				Err:    ws.ErrHandshakeBadOrigin,
			}
		},
	}
	hand := ws.ServerHandshake{Upgrader: &u}
	_, _, _, err := hand.Next(nil, []byte(exampleRequest))
	fmt.Println(err)
	fmt.Println(errors.Is(err, ws.ErrHandshakeBadOrigin))
	// Output:
	// ws: "http://example.com" may not connect to "server.example.com"; start the server with -origin to allow it
	// true
}

func ExampleUpgrader_protocols() {
	u := ws.Upgrader{Protocols: []string{"superchat", "chat"}}
	hand := ws.ServerHandshake{Upgrader: &u}
	_, hs, _, err := hand.Next(nil, []byte(exampleRequest)) // offers chat, superchat
	fmt.Println(hs.Protocol, err)
	// Output: superchat <nil>
}

func ExampleSameOrigin() {
	fmt.Println(ws.SameOrigin([]byte("https://example.com"), []byte("example.com:443")))
	fmt.Println(ws.SameOrigin([]byte("https://evil.example"), []byte("example.com")))
	// Output:
	// true
	// false
}

func ExampleRejectConnectionError() {
	u := ws.Upgrader{OnRequest: func(uri []byte) error {
		if string(uri) == "/chat" {
			return ws.RejectConnectionError(
				ws.RejectionStatus(503),
				ws.RejectionReason("the room is full"),
				ws.RejectionHeader(ws.HandshakeHeaderString("Retry-After: 60\r\n")),
			)
		}
		return nil
	}}
	hand := ws.ServerHandshake{Upgrader: &u}
	response, _, _, err := hand.Next(nil, []byte(exampleRequest))
	fmt.Println(err)
	fmt.Println(strings.ReplaceAll(string(response), "\r", ""))
	// Output:
	// ws: the room is full
	// HTTP/1.1 503 Service Unavailable
	// Retry-After: 60
	// Connection: close
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Content-Length: 16
	//
	// the room is full
}

func ExampleConnectionRejectedError() {
	var hand ws.ServerHandshake
	request := strings.Replace(exampleRequest, "Connection: Upgrade", "Connection: close", 1)
	_, _, _, err := hand.Next(nil, []byte(request))

	var rejection *ws.ConnectionRejectedError
	if errors.As(err, &rejection) {
		fmt.Printf("%d %q\n", rejection.StatusCode(), rejection.Value)
	}
	fmt.Println(errors.Is(err, ws.ErrHandshakeBadConnection))
	// Output:
	// 400 "close"
	// true
}

func ExampleHandshakeHeaderString() {
	u := ws.Upgrader{Header: ws.HandshakeHeaderString("X-Served-By: a7\r\n")}
	hand := ws.ServerHandshake{Upgrader: &u}
	response, _, _, err := hand.Next(nil, []byte(exampleRequest))
	fmt.Println(strings.Contains(string(response), "\r\nX-Served-By: a7\r\n"), err)

	// What would break the response is not sent.
	u.Header = ws.HandshakeHeaderString("X-Served-By: a7\r\n\r\n<html>")
	hand = ws.ServerHandshake{Upgrader: &u}
	response, _, _, err = hand.Next(nil, []byte(exampleRequest))
	fmt.Println(strings.Contains(string(response), "html"), errors.Is(err, ws.ErrHandshakeBadResponse))
	// Output:
	// true <nil>
	// false true
}

func ExampleHandshakeHeaderBytes() {
	ws.HandshakeHeaderBytes("A: b\r\n").WriteTo(printer{})
	// Output: "A: b\r\n"
}

func ExampleHandshakeHeaderFunc() {
	h := ws.HandshakeHeaderFunc(func(w io.Writer) (int64, error) {
		n, err := fmt.Fprintf(w, "X-Lucky-Number: %d\r\n", 7)
		return int64(n), err
	})
	h.WriteTo(printer{})
	// Output: "X-Lucky-Number: 7\r\n"
}

func ExampleHandshakeHeaderHTTP() {
	ws.HandshakeHeaderHTTP{"Set-Cookie": {"a=1"}, "Server": {"x"}}.WriteTo(printer{})
	// Output: "Server: x\r\nSet-Cookie: a=1\r\n"
}

// printer is an io.Writer that shows what it is given.
type printer struct{}

func (printer) Write(p []byte) (int, error) { return fmt.Printf("%q\n", p) }

// A request is judged without copying it, and kept only if that is wanted.
func ExampleUpgrader_keepRequest() {
	u := ws.Upgrader{
		KeepRequest: true,
		OnHandshake: func(req httpx.Request) error {
			if !req.Fields.HasToken("Sec-WebSocket-Protocol", "chat") {
				return ws.RejectConnectionError(ws.RejectionStatus(400))
			}
			return nil
		},
	}
	hand := ws.ServerHandshake{Upgrader: &u}
	_, hs, _, err := hand.Next(nil, []byte(exampleRequest))
	origin, _ := hs.Request.Fields.First("Origin")
	fmt.Printf("%s %s %v\n", hs.Request.Target, origin, err)
	// Output: /chat http://example.com <nil>
}

func ExampleUpgrader_negotiate() {
	u := ws.Upgrader{Negotiate: func(offered httphead.Option) (httphead.Option, error) {
		if string(offered.Name) == "x-trace" {
			return httphead.NewOption("x-trace", map[string]string{"level": "2"}), nil
		}
		return httphead.Option{}, nil // declined
	}}
	request := strings.Replace(exampleRequest, "Origin:", "Sec-WebSocket-Extensions: x-other, x-trace; level=9\r\nOrigin:", 1)
	hand := ws.ServerHandshake{Upgrader: &u}
	_, hs, _, err := hand.Next(nil, []byte(request))
	fmt.Println(hs.Extensions[0], err)
	// Output: {x-trace [level:2]} <nil>
}

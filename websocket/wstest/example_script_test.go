package wstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// shout is a handler to test: it answers every message in capital letters.
func shout(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		for i, b := range p {
			if 'a' <= b && b <= 'z' {
				p[i] = b - 'a' + 'A'
			}
		}
		return c.Write(ctx, typ, p)
	})
}

func ExampleServe() {
	asTest(func(t testing.TB) {
		s := wstest.Serve(t, http.HandlerFunc(shout))
		c := s.Dial("/", nil)
		ctx := context.Background()
		if err := c.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
			t.Fatalf("%v", err)
		}
		_, p, err := c.Read(ctx)
		fmt.Printf("%s %v\n", p, err)
	})
	// Output: HELLO <nil>
}

// A server of any kind that serves a net.Listener: here the one of net/http.
func ExampleStart() {
	asTest(func(t testing.TB) {
		server := &http.Server{Handler: http.HandlerFunc(shout)}
		s := wstest.Start(t, server.Serve, server.Close)
		fmt.Println(s.Dial("/", nil).Subprotocol() == "")
	})
	// Output: true
}

// A client that breaks a rule: RSV2 was not negotiated.
func ExampleServer_Script() {
	asTest(func(t testing.TB) {
		s := wstest.Serve(t, http.HandlerFunc(shout))
		peer := s.Script("/")
		bad := wstest.TextFrame("hello")
		bad.RSV = 2
		peer.Send(bad)
		peer.Expect(wstest.CloseFrame(websocket.StatusProtocolError))
		peer.CloseWrite()
		peer.ExpectEOF()
	})
	// Output:
}

// A client whose handshake is wrong.
func ExampleServer_Connect() {
	asTest(func(t testing.TB) {
		s := wstest.Serve(t, http.HandlerFunc(shout))
		peer := s.Connect()
		peer.Send(wstest.Request("/").Replace("Sec-WebSocket-Version", "12"))
		resp := peer.ExpectResponse(http.StatusUpgradeRequired)
		fmt.Println("version", resp.Header.Get("Sec-WebSocket-Version"))
	})
	// Output: version 13
}

// Options are for tests of how a program dials.
func ExampleServer_Options() {
	asTest(func(t testing.TB) {
		s := wstest.Serve(t, http.NotFoundHandler())
		_, resp, err := websocket.Dial(context.Background(), s.URL+"/chat", s.Options(nil))
		fmt.Println(resp.StatusCode, err != nil)
	})
	// Output: 404 true
}

// A server that breaks off in the middle of a frame.
func ExampleServeScript() {
	asTest(func(t testing.TB) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Expect(wstest.TextFrame("hello"))
			server.Send(wstest.Hex("81 05 48 65")) // 2 of 5 bytes
			server.Reset()
		})
		c := s.Dial("/", nil)
		ctx := context.Background()
		c.Write(ctx, websocket.MessageText, []byte("hello"))
		_, _, err := c.Read(ctx)
		fmt.Println(errors.Is(err, syscall.ECONNRESET))
	})
	// Output: true
}

// A server that picks what was not offered.
func ExampleResponse() {
	asTest(func(t testing.TB) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			r := server.ExpectRequest()
			server.Send(wstest.Response(r).With("Sec-WebSocket-Protocol: chat"))
			server.ExpectEnd()
		})
		_, _, err := websocket.Dial(context.Background(), s.URL, s.Options(nil))
		fmt.Println(errors.Is(err, ws.ErrHandshakeBadSubProtocol))
	})
	// Output: true
}

func ExampleRequest() {
	h := wstest.Request("/chat").Without("Connection").With("Origin: https://a.example")
	fmt.Println(h.Start)
	for _, line := range h.Lines {
		fmt.Println(line)
	}
	// Output:
	// GET /chat HTTP/1.1
	// Host: server.example.com
	// Upgrade: websocket
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
	// Sec-WebSocket-Version: 13
	// Origin: https://a.example
}

// Both sides of a connection, as scripts. A frame is masked if a client sends it.
func ExampleNewScript() {
	asTest(func(t testing.TB) {
		a, b := wstest.NetPipe(0)
		client := wstest.NewScript(t, a, ws.StateClientSide)
		server := wstest.NewScript(t, b, ws.StateServerSide)
		client.Send(wstest.TextFrame("Hello"), wstest.PingFrame("?"))
		server.Expect(wstest.Hex("81 85 37fa213d 7f9f4d5158"), wstest.PingFrame("?"))
		server.Send(wstest.CloseFrame(1001, "restart"))
		fmt.Println(client.Next())
	})
	// Output: close frame 1001 "restart", unmasked
}

func ExampleFrame() {
	for _, f := range []wstest.Frame{
		wstest.TextFrame("Hello"),
		{OpCode: ws.OpBinary, Payload: []byte{1}, More: true},
		wstest.ContinuationFrame("!"),
		{OpCode: ws.OpPing, RSV: 4, Masking: wstest.Unmasked},
		wstest.CloseFrame(1005),
		wstest.EmptyCloseFrame(),
	} {
		fmt.Println(f)
	}
	// Output:
	// text frame "Hello"
	// binary frame "\x01", not final
	// continuation frame "!"
	// ping without payload, RSV bits 100, unmasked
	// close frame 1005
	// close frame
}

package interop_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// server is one that our client talks with.
type server struct {
	scheme, host string
	dialer       ws.Dialer      // trusts it
	lines        *bufio.Scanner // what it says; nil: nothing
	noFragments  bool           // it cannot send any
	codeOnly     bool           // it answers a close frame with its code, and without its reason
	codes        []ws.StatusCode
}

func (s server) url(path string) string { return s.scheme + "://" + s.host + path }

func (s server) dial(t *testing.T, path string) *client {
	t.Helper()
	c := mustDial(t, s.dialer, s.url(path))
	c.codeOnly = s.codeOnly
	return c
}

func startServer(t *testing.T, id identity, f foreign, secure bool) server {
	t.Helper()
	s := server{scheme: "ws", noFragments: f.noFragments, codes: f.codes()}
	var env []string
	if secure {
		s.scheme, env = "wss", id.serve()
		s.dialer.TLSConfig = &tls.Config{RootCAs: id.roots}
	}
	s.lines = run(t, env, f.server...)
	var started struct{ Port int }
	if !next(t, s.lines, &started) {
		t.Fatal("the server has said nothing")
	}
	s.host = net.JoinHostPort("127.0.0.1", strconv.Itoa(started.Port))
	return s
}

// dialerSuite is for a client of ws.Dialer, wsproto, wsutil and wsflate.
var dialerSuite = suite{
	colText:      testText,
	colBinary:    testBinary,
	colFragments: testFragments,
	colPing:      testPing,
	colByClient:  testCloseByUs,
	colByServer:  testCloseByThem,
	colBig:       testBig,
	colMany:      testMany,
	colDeflate:   testDeflate,
	colHandshake: testHandshake,
	colCommand:   testCommand,
}

func testText(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	c.comesBack(ws.OpText, []byte("Hello, 世界 👋"))
	for _, n := range small() {
		c.comesBack(ws.OpText, bytes.Repeat([]byte("x"), n))
	}
	c.close(1000, "")
	return count(1 + len(small()))
}

func testBinary(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	for _, n := range small() {
		c.comesBack(ws.OpBinary, random(n))
	}
	c.close(1000, "")
	return count(len(small()))
}

func testBig(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	c.comesBack(ws.OpText, bytes.Repeat([]byte("x"), 5<<20))
	c.comesBack(ws.OpBinary, random(5<<20))
	c.close(1000, "")
	return count(2)
}

// small are the sizes but the last.
func small() []int { return sizes[:len(sizes)-1] }

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

// comesBack sends a message while it reads the echo: a server may begin with
// that before it has all of the message.
func (c *client) comesBack(op ws.OpCode, p []byte) {
	c.t.Helper()
	go c.conn.Write(appendMasked(nil, op, true, p))
	c.want(fmt.Sprintf("%v of %d bytes", op, len(p)), op, p)
}

func testMany(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	var all []byte
	for i := range manyMessages {
		all = appendMasked(all, ws.OpText, true, fmt.Append(nil, "message ", i))
	}
	go c.conn.Write(all)
	for i := range manyMessages {
		c.want("message", ws.OpText, fmt.Append(nil, "message ", i))
	}
	c.close(1000, "")
	return count(1)
}

// testDeflate tries each way to compress that RFC 7692 knows.
func testDeflate(t *testing.T, s server) string {
	offers := []wsflate.Parameters{
		{},
		wsflate.DefaultParameters,
		{ClientNoContextTakeover: true, ClientMaxWindowBits: 10},
		{ServerNoContextTakeover: true, ServerMaxWindowBits: 10},
	}
	for _, offer := range offers {
		o := wsflate.Offers{offer}
		d := s.dialer
		d.Extensions = o.Options()
		c := mustDial(t, d, s.url("/echo"))
		params, ok, err := o.Accepted(c.hs.Extensions)
		if !ok || err != nil {
			t.Errorf("%v: the answer is %v, error %v", d.Extensions, c.hs.Extensions, err)
			continue
		}
		x := wsutil.NewStream(c.conn, ws.StateClientSide, 0)
		x.SetExtension(wsflate.New(ws.StateClientSide, params, &wsflate.Options{Threshold: -1}))
		prose := bytes.Repeat([]byte("Hello, 世界 👋. "), 1000)
		for _, m := range [][]byte{prose, random(10_000), nil, prose, bytes.Repeat([]byte("y"), 100_000)} {
			if err := x.WriteMessage(ws.OpBinary, m); err != nil {
				t.Fatal(err)
			}
			if got, op, err := x.ReadMessage(); err != nil || op != ws.OpBinary || !bytes.Equal(got, m) {
				t.Errorf("%v: %d bytes came back as %v of %d, error %v", params.Option(), len(m), op, len(got), err)
			}
		}
		x.Close(1000, "")
		if _, _, err := x.ReadMessage(); err != (wsutil.ClosedError{Code: 1000}) {
			t.Errorf("%v: %v, want the answer to the close", params.Option(), err)
		}
		c.conn.Close()
	}
	return count(len(offers))
}

// testCommand lets "wirews connect" talk with the server, as a script would.
func testCommand(t *testing.T, s server) string {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	u, err := connect.ParseURL(s.url("/echo"))
	if err != nil {
		t.Fatal(err)
	}
	o := connect.Default()
	o.TLS = s.dialer.TLSConfig
	o.Compress = true
	o.Pipe.Count = 1000
	var in, out bytes.Buffer
	for i := range o.Pipe.Count {
		fmt.Fprintln(&in, "line", i)
	}
	want := in.String()
	if err := connect.Pipe(ctx, u, o, &in, &out, io.Discard); err != nil || out.String() != want {
		t.Errorf("%d bytes came back of %d, error %v", out.Len(), len(want), err)
	}
	return count(1)
}

func testHandshake(t *testing.T, s server) string {
	testEarly(t, s)
	testSubprotocol(t, s)
	testRefusal(t, s)
	testAuthentication(t, s)
	return count(4)
}

func testFragments(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	c.send(ws.OpText, false, []byte("Hello, "))
	c.send(ws.OpPing, true, []byte("inside"))
	c.send(ws.OpContinuation, false, nil)
	c.send(ws.OpContinuation, true, []byte("世界"))
	c.want("pong inside our message", ws.OpPong, []byte("inside"))
	c.want("our message", ws.OpText, []byte("Hello, 世界"))
	c.close(1000, "")
	if s.noFragments {
		return count(1)
	}

	c = s.dial(t, "/fragments")
	c.want("ping inside their message", ws.OpPing, []byte("inside"))
	c.send(ws.OpPong, true, []byte("inside"))
	c.want("their message", ws.OpText, []byte("Hello, 世界"))
	c.want("what they say to our pong", ws.OpText, []byte("pong inside"))
	c.close(1000, "")
	return count(2)
}

func testPing(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	for _, p := range []string{"", "p", strings.Repeat("x", 125)} {
		c.send(ws.OpPing, true, []byte(p))
		c.want("pong", ws.OpPong, []byte(p))
	}
	c.send(ws.OpPong, true, []byte("nobody has asked"))
	c.send(ws.OpText, true, []byte("still there"))
	c.want("echo", ws.OpText, []byte("still there"))
	c.close(1000, "")
	return count(4)
}

func testEarly(t *testing.T, s server) {
	for range 20 {
		c := s.dial(t, "/early")
		c.want("first message", ws.OpText, []byte("early"))
		c.want("second message", ws.OpBinary, []byte{1, 2, 3})
		c.send(ws.OpText, true, []byte("late"))
		c.want("echo", ws.OpText, []byte("late"))
		c.close(1000, "")
	}
}

func testCloseByUs(t *testing.T, s server) string {
	for _, code := range s.codes {
		s.dial(t, "/echo").close(code, closeReason(code))
	}
	c := s.dial(t, "/echo")
	c.send(ws.OpClose, true, nil)
	// RFC 6455, 5.5.1: typically the code is echoed; aiohttp makes it 1000.
	if op, p := c.next(); op != ws.OpClose || len(p) != 0 && len(p) != 2 {
		t.Errorf("answer to a close without a code: %v with %q", op, p)
	}
	c.wantEnd("behind it")
	return count(len(s.codes) + 1)
}

func testCloseByThem(t *testing.T, s server) string {
	for _, code := range s.codes {
		reason := closeReason(code)
		query := url.Values{"code": {strconv.Itoa(int(code))}, "reason": {reason}}
		s.dial(t, "/close?"+query.Encode()).answerClose(code, reason)
		var seen struct {
			Code   ws.StatusCode
			Reason string
		}
		if !next(t, s.lines, &seen) || seen.Code != code || seen.Reason != reason {
			t.Errorf("the server has seen our answer to %d as %d %q", code, seen.Code, seen.Reason)
		}
	}
	return count(len(s.codes))
}

// answerClose wants a close frame, and answers it.
func (c *client) answerClose(code ws.StatusCode, reason string) {
	c.t.Helper()
	body := ws.AppendClose(nil, code, reason)
	c.want("close", ws.OpClose, body)
	c.send(ws.OpClose, true, body)
	c.wantEnd("behind the answer")
}

func testSubprotocol(t *testing.T, s server) {
	for _, test := range []struct {
		offer []string
		want  string
	}{
		{nil, ""},
		{[]string{"chat"}, "chat"},
		{[]string{"unknown", "chat"}, "chat"},
	} {
		d := s.dialer
		d.Protocols = test.offer
		c := mustDial(t, d, s.url("/echo"))
		if c.hs.Protocol != test.want || len(c.hs.Extensions) > 0 {
			t.Errorf("%q: agreed on %q and extensions %v, want %q", test.offer, c.hs.Protocol, c.hs.Extensions, test.want)
		}
		c.close(1000, "")
	}
}

func testRefusal(t *testing.T, s server) {
	_, err := dial(t, s.dialer, s.url("/refuse"))
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok {
		t.Fatalf("error %v, want a *ws.ResponseError", err)
	}
	why, _ := refusal.Header.First("X-Why")
	if refusal.Status != 403 || string(why) != "weather" || string(refusal.Body) != "not today" {
		t.Errorf("got %d with X-Why %q and body %q", refusal.Status, why, refusal.Body)
	}
}

func testAuthentication(t *testing.T, s server) {
	c := mustDial(t, s.dialer, s.scheme+"://Aladdin:open%20sesame@"+s.host+"/auth")
	c.want("welcome", ws.OpText, []byte("welcome"))
	c.close(1000, "")
	for _, userinfo := range []string{"", "Aladdin:open@"} {
		_, err := dial(t, s.dialer, s.scheme+"://"+userinfo+s.host+"/auth")
		if status, _ := errors.AsType[ws.StatusError](err); status != 401 {
			t.Errorf("%q: error %v, want status 401", userinfo, err)
		}
	}
}

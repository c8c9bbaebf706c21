package interop_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// client is the client's end of a connection: ws.Dialer, what ws appends, and
// wsproto's Receiver.
type client struct {
	t       *testing.T
	conn    net.Conn
	hs      ws.Handshake
	recv    wsproto.Receiver
	message wsproto.Assembler
	in      []byte // buffer
	rest    []byte // of it, not consumed yet
}

func dial(t *testing.T, d ws.Dialer, url string) (*client, error) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, hs, err := d.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{
		t: t, conn: conn, hs: hs,
		recv: wsproto.Receiver{Config: &wsproto.Config{State: ws.StateClientSide}},
		in:   make([]byte, 4096),
	}, nil
}

func mustDial(t *testing.T, d ws.Dialer, url string) *client {
	t.Helper()
	c, err := dial(t, d, url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func appendMasked(dst []byte, op ws.OpCode, fin bool, p []byte) []byte {
	mask := ws.NewMask()
	dst = ws.AppendHeader(dst, ws.Header{Fin: fin, OpCode: op, Masked: true, Mask: mask, Length: int64(len(p))})
	return ws.AppendCipher(dst, p, mask, 0)
}

func (c *client) send(op ws.OpCode, fin bool, p []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(appendMasked(nil, op, fin, p)); err != nil {
		c.t.Fatal(err)
	}
}

// next returns the next control frame or whole message, which is valid until
// the next call.
func (c *client) next() (op ws.OpCode, payload []byte) {
	c.t.Helper()
	for {
		ev, n, err := c.recv.Next(c.rest, nil)
		c.rest = c.rest[n:]
		switch {
		case err == ws.ErrShort:
			if n, err = c.conn.Read(c.in); err != nil {
				c.t.Fatal(err)
			}
			c.rest = c.in[:n]
		case err != nil:
			c.t.Fatal(err)
		case ev.Op.IsControl():
			return ev.Op, ev.Payload
		default:
			if m, done := c.message.Add(ev); done {
				return ev.Op, m
			}
		}
	}
}

func (c *client) want(what string, op ws.OpCode, payload []byte) {
	c.t.Helper()
	gotOp, got := c.next()
	if gotOp != op || !bytes.Equal(got, payload) {
		c.t.Fatalf("%s: %v with %d bytes %.64q, want %v with %d bytes %.64q", what, gotOp, len(got), got, op, len(payload), payload)
	}
}

// wantEnd: RFC 6455, 7.1.1: the server closes the TCP connection first.
func (c *client) wantEnd(what string) {
	c.t.Helper()
	if b, err := io.ReadAll(c.conn); len(b) > 0 || err != nil {
		c.t.Errorf("%s: %q and error %v, want the end", what, b, err)
	}
	c.conn.Close()
}

// close closes with code and reason and wants them back.
func (c *client) close(code ws.StatusCode, reason string) {
	c.t.Helper()
	body := ws.AppendClose(nil, code, reason)
	c.send(ws.OpClose, true, body)
	c.want("answer to the close", ws.OpClose, body)
	c.wantEnd("behind the close")
}

// server is one of theirs.
type server struct {
	host  string
	lines *bufio.Scanner
}

func startServer(t *testing.T, f foreign) server {
	t.Helper()
	lines := f.script(t, "server")
	var started struct{ Port int }
	if !next(t, lines, &started) {
		t.Fatal("the server has said nothing")
	}
	return server{net.JoinHostPort("127.0.0.1", strconv.Itoa(started.Port)), lines}
}

func (s server) url(path string) string { return "ws://" + s.host + path }

func TestOurClientWithTheirServers(t *testing.T) {
	each(t, func(t *testing.T, f foreign) {
		s := startServer(t, f)
		for _, c := range []struct {
			name string
			test func(*testing.T, server)
		}{
			{"echo", testEcho},
			{"5 MiB and 1000 messages", testMuch},
			{"fragments", testFragments},
			{"ping", testPing},
			{"#214: messages right behind the handshake", testEarly},
			{"close by us", testCloseByUs},
			{"close by them", testCloseByThem},
			{"subprotocol", testSubprotocol},
			{"refusal", testRefusal},
			{"basic authentication", testAuthentication},
		} {
			t.Run(c.name, func(t *testing.T) { c.test(t, s) })
		}
	})
}

func testEcho(t *testing.T, s server) {
	c := mustDial(t, ws.Dialer{}, s.url("/echo"))
	text := []byte("Hello, 世界 👋")
	c.send(ws.OpText, true, text)
	c.want("text", ws.OpText, text)
	for _, n := range sizes {
		text, binary := bytes.Repeat([]byte("x"), n), make([]byte, n)
		rand.NewChaCha8([32]byte{}).Read(binary)
		c.send(ws.OpText, true, text)
		c.want(fmt.Sprintf("text of %d", n), ws.OpText, text)
		c.send(ws.OpBinary, true, binary)
		c.want(fmt.Sprintf("binary of %d", n), ws.OpBinary, binary)
	}
	c.close(1000, "")
}

func testMuch(t *testing.T, s server) {
	c := mustDial(t, ws.Dialer{}, s.url("/echo"))
	var all []byte
	for i := range 1000 {
		all = appendMasked(all, ws.OpText, true, fmt.Append(nil, "message ", i))
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 5<<16)
	go c.conn.Write(appendMasked(all, ws.OpBinary, true, big))
	for i := range 1000 {
		c.want("message", ws.OpText, fmt.Append(nil, "message ", i))
	}
	c.want("5 MiB behind them", ws.OpBinary, big)
	c.close(1000, "")
}

func testFragments(t *testing.T, s server) {
	c := mustDial(t, ws.Dialer{}, s.url("/echo"))
	c.send(ws.OpText, false, []byte("Hello, "))
	c.send(ws.OpPing, true, []byte("inside"))
	c.send(ws.OpContinuation, false, nil)
	c.send(ws.OpContinuation, true, []byte("世界"))
	c.want("pong inside our message", ws.OpPong, []byte("inside"))
	c.want("our message", ws.OpText, []byte("Hello, 世界"))
	c.close(1000, "")

	c = mustDial(t, ws.Dialer{}, s.url("/fragments"))
	c.want("ping inside their message", ws.OpPing, []byte("inside"))
	c.send(ws.OpPong, true, []byte("inside"))
	c.want("their message", ws.OpText, []byte("Hello, 世界"))
	c.want("what they say to our pong", ws.OpText, []byte("pong inside"))
	c.close(1000, "")
}

func testPing(t *testing.T, s server) {
	c := mustDial(t, ws.Dialer{}, s.url("/echo"))
	for _, p := range []string{"", "p", strings.Repeat("x", 125)} {
		c.send(ws.OpPing, true, []byte(p))
		c.want("pong", ws.OpPong, []byte(p))
	}
	c.send(ws.OpPong, true, []byte("nobody has asked"))
	c.send(ws.OpText, true, []byte("still there"))
	c.want("echo", ws.OpText, []byte("still there"))
	c.close(1000, "")
}

func testEarly(t *testing.T, s server) {
	for range 20 {
		c := mustDial(t, ws.Dialer{}, s.url("/early"))
		c.want("first message", ws.OpText, []byte("early"))
		c.want("second message", ws.OpBinary, []byte{1, 2, 3})
		c.send(ws.OpText, true, []byte("late"))
		c.want("echo", ws.OpText, []byte("late"))
		c.close(1000, "")
	}
}

func testCloseByUs(t *testing.T, s server) {
	for _, code := range codes {
		mustDial(t, ws.Dialer{}, s.url("/echo")).close(code, fmt.Sprintf("reason %d 👋", code))
	}
	c := mustDial(t, ws.Dialer{}, s.url("/echo"))
	c.send(ws.OpClose, true, nil)
	c.want("answer to a close without a code", ws.OpClose, nil)
	c.wantEnd("behind it")
}

func testCloseByThem(t *testing.T, s server) {
	for _, code := range codes {
		reason := fmt.Sprintf("reason %d 👋", code)
		query := url.Values{"code": {strconv.Itoa(int(code))}, "reason": {reason}}
		c := mustDial(t, ws.Dialer{}, s.url("/close?"+query.Encode()))
		body := ws.AppendClose(nil, code, reason)
		c.want("close", ws.OpClose, body)
		c.send(ws.OpClose, true, body)
		c.wantEnd("behind the answer")
		var seen struct {
			Code   ws.StatusCode
			Reason string
		}
		if !next(t, s.lines, &seen) || seen.Code != code || seen.Reason != reason {
			t.Errorf("the server has seen our answer to %d as %d %q", code, seen.Code, seen.Reason)
		}
	}
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
		c := mustDial(t, ws.Dialer{Protocols: test.offer}, s.url("/echo"))
		if c.hs.Protocol != test.want || len(c.hs.Extensions) > 0 {
			t.Errorf("%q: agreed on %q and extensions %v, want %q", test.offer, c.hs.Protocol, c.hs.Extensions, test.want)
		}
		c.close(1000, "")
	}
}

func testRefusal(t *testing.T, s server) {
	_, err := dial(t, ws.Dialer{}, s.url("/refuse"))
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok {
		t.Fatalf("error %v, want a *ws.ResponseError", err)
	}
	why, _ := refusal.Header.First("X-Why")
	if refusal.Status != 403 || refusal.Reason != "Forbidden" || string(why) != "weather" || string(refusal.Body) != "not today" {
		t.Errorf("got %d %q with X-Why %q and body %q", refusal.Status, refusal.Reason, why, refusal.Body)
	}
}

func testAuthentication(t *testing.T, s server) {
	c := mustDial(t, ws.Dialer{}, "ws://Aladdin:open%20sesame@"+s.host+"/auth")
	c.want("welcome", ws.OpText, []byte("welcome"))
	c.close(1000, "")
	for _, userinfo := range []string{"", "Aladdin:open@"} {
		_, err := dial(t, ws.Dialer{}, "ws://"+userinfo+s.host+"/auth")
		if status, _ := errors.AsType[ws.StatusError](err); status != 401 {
			t.Errorf("%q: error %v, want status 401", userinfo, err)
		}
	}
}

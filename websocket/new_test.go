package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// newOver is New without errors.
func newOver(t testing.TB, conn net.Conn, p websocket.Params) *websocket.Conn {
	t.Helper()
	c, err := websocket.New(conn, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// framesTo are two messages and a ping, as a peer sends them to that end.
func framesTo(side ws.State) (b []byte) {
	for _, f := range []ws.Frame{
		ws.NewFrame(ws.OpText, true, []byte("Hello")),
		ws.NewFrame(ws.OpBinary, false, []byte("two ")),
		ws.NewPingFrame([]byte("?")),
		ws.NewFrame(ws.OpContinuation, true, []byte("pieces")),
		ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "")),
	} {
		if side.ServerSide() {
			f = ws.MaskFrame(f)
		}
		b = ws.AppendFrame(b, f)
	}
	return b
}

// closesAfterClose receives up to a close frame, and ends the transport then.
func closesAfterClose(peer net.Conn) {
	for {
		if f, err := ws.ReadFrame(peer); err != nil || f.Header.OpCode == ws.OpClose {
			peer.Close()
			return
		}
	}
}

// What was read too early is received first, however much of the peer's frames that
// is, on both sides, over all transports, and whoever reads.
func TestNewReceivesWhatWasReadTooEarly(t *testing.T) {
	want := []string{"MessageText Hello", "MessageBinary two pieces"}
	readers := map[string]func(c *websocket.Conn) ([]string, error){
		"Read": func(c *websocket.Conn) (got []string, err error) {
			for {
				typ, p, err := c.Read(context.Background())
				if err != nil {
					return got, err
				}
				got = append(got, fmt.Sprint(typ, " ", string(p)))
			}
		},
		"Serve": func(c *websocket.Conn) (got []string, err error) {
			err = c.Serve(context.Background(), func(_ context.Context, typ websocket.MessageType, p []byte) error {
				got = append(got, fmt.Sprint(typ, " ", string(p)))
				return nil
			})
			return got, err
		},
	}
	for name, pair := range transports {
		if name == "tls" {
			continue // as "wrapped", and slow
		}
		for _, side := range []ws.State{ws.StateServerSide, ws.StateClientSide} {
			frames := framesTo(side)
			for reader, read := range readers {
				for early := range len(frames) + 1 {
					peer, conn := pair(t)
					buffered := slices.Clone(frames[:early])
					c := newOver(t, conn, websocket.Params{State: side, Buffered: buffered})
					clear(buffered) // it is the caller's again
					go closesAfterClose(peer)
					go peer.Write(frames[early:])
					got, err := read(c)
					if !slices.Equal(got, want) || websocket.CloseStatus(err) != websocket.StatusGoingAway {
						t.Errorf("%s, %s, side %v, %d bytes early: %q, %v", name, reader, side, early, got, err)
					}
					peer.Close()
				}
			}
		}
	}
}

// Early bytes have no limit of their own: frames of a megabyte are as any others.
func TestNewReceivesMuchThatWasReadTooEarly(t *testing.T) {
	const size = 1 << 20
	peer, conn := tcpPair(t)
	c := newOver(t, conn, websocket.Params{Buffered: masked(ws.OpBinary, true, strings.Repeat("x", size))})
	c.SetReadLimit(size)
	go func() {
		io.Copy(io.Discard, peer)
		peer.Close()
	}()
	if _, p, err := c.Read(within(t)); err != nil || len(p) != size {
		t.Errorf("%d bytes, %v", len(p), err)
	}
	c = newOver(t, conn, websocket.Params{Buffered: masked(ws.OpBinary, true, strings.Repeat("x", size))})
	if _, _, err := c.Read(within(t)); !errors.Is(err, websocket.ErrMessageTooBig) {
		t.Errorf("over the default limit: %v", err)
	}
}

// Both ends are made of the handshakes of package ws. The server sends a message
// right after its response, so that ws.Dialer may read it too early.
func TestNewAfterTheHandshakesOfWs(t *testing.T) {
	for name, pair := range transports {
		for _, compress := range []bool{false, true} {
			peer, conn := pair(t)
			served := make(chan error, 1)
			go func() {
				e := wsflate.Extension{}
				u := ws.Upgrader{Protocols: []string{"chat"}, Negotiate: e.Negotiate}
				hs, err := u.Upgrade(conn)
				if err != nil {
					served <- err
					return
				}
				p := websocket.Params{Subprotocol: hs.Protocol}
				if agreed, ok := e.Accepted(); ok {
					p.Compression = &agreed
				}
				c, err := websocket.New(conn, p)
				if err != nil {
					served <- err
					return
				}
				long := strings.Repeat("welcome ", 100)
				c.Write(context.Background(), websocket.MessageText, []byte(long))
				echo(c)
				served <- c.Ping(context.Background())
			}()
			offers := wsflate.DefaultOffers()
			d := ws.Dialer{
				Protocols: []string{"chat"},
				NetDial:   func(context.Context, string, string) (net.Conn, error) { return peer, nil },
			}
			if compress {
				d.Extensions = offers.Options()
			}
			client, _, hs, err := d.Dial(within(t), "ws://server.example.com")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			params := websocket.Params{State: ws.StateClientSide, Subprotocol: hs.Protocol}
			if agreed, ok, err := offers.Accepted(hs.Extensions); err != nil {
				t.Fatal(err)
			} else if ok {
				params.Compression = &agreed
			}
			c := newOver(t, client, params)
			if c.Subprotocol() != "chat" || c.Compressed() != compress {
				t.Errorf("%s: subprotocol %q, compressed %v", name, c.Subprotocol(), c.Compressed())
			}
			if c.UnderlyingConn() != peer {
				t.Errorf("%s: over a %T, want the %T that was dialled", name, c.UnderlyingConn(), peer)
			}
			if _, p, err := c.Read(within(t)); err != nil || !strings.HasPrefix(string(p), "welcome ") {
				t.Errorf("%s: %q, %v", name, p, err)
			}
			for _, text := range []string{"a", strings.Repeat("b", 5000)} {
				if err := c.Write(within(t), websocket.MessageText, []byte(text)); err != nil {
					t.Error(err)
				}
				if _, p, err := c.Read(within(t)); err != nil || string(p) != text {
					t.Errorf("%s: %d bytes came back, %v", name, len(p), err)
				}
			}
			if err := c.Close(4001, "bye"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := <-served; websocket.CloseStatus(err) != 4001 {
				t.Errorf("%s: the server's end: %v", name, err)
			}
		}
	}
}

// dialerEarly is a server in memory that sends its response and a frame at once.
func TestNewOverWhatADialerHasReadTooEarly(t *testing.T) {
	peer, conn := tcpPair(t)
	go func() {
		s := ws.ServerHandshake{}
		b := make([]byte, 4096)
		n, _ := conn.Read(b)
		response, _, _, err := s.Next(nil, b[:n])
		if err != nil {
			t.Error(err)
		}
		conn.Write(ws.AppendFrame(response, ws.NewTextFrame([]byte("early"))))
	}()
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return peer, nil }}
	client, _, _, err := d.Dial(within(t), "ws://server.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if client == peer {
		t.Fatal("nothing came early")
	}
	c := newOver(t, client, websocket.Params{State: ws.StateClientSide})
	if c.UnderlyingConn() != peer {
		t.Errorf("over a %T, want the socket itself", c.UnderlyingConn())
	}
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "early" {
		t.Errorf("%q, %v", p, err)
	}

	// Dialer.Upgrade leaves the same in a bufio.Reader.
	peer, conn = tcpPair(t)
	go func() {
		hs := ws.ServerHandshake{}
		b := make([]byte, 4096)
		n, _ := conn.Read(b)
		response, _, _, _ := hs.Next(nil, b[:n])
		conn.Write(ws.AppendFrame(response, ws.NewTextFrame([]byte("early"))))
	}()
	br, _, err := ws.Dialer{}.Upgrade(peer, &url.URL{Scheme: "ws", Host: "server.example.com", Path: "/"})
	if err != nil || br == nil {
		t.Fatal(br, err)
	}
	early, _ := br.Peek(br.Buffered())
	c = newOver(t, peer, websocket.Params{State: ws.StateClientSide, Buffered: early})
	ws.PutReader(br)
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "early" {
		t.Errorf("%q, %v", p, err)
	}
}

// The options hold, but for those of the handshake.
func TestNewHeedsTheOptions(t *testing.T) {
	o := newOpening()
	var pings []string
	peer, conn := net.Pipe()
	c := newOver(t, conn, websocket.Params{
		Buffered: masked(ws.OpPing, true, "?"),
		Options: &websocket.AcceptOptions{
			Subprotocols:    []string{"chat"},
			OriginPatterns:  []string{`\`},
			CompressionMode: websocket.CompressionContextTakeover,
			MaxFragments:    2,
			OnOpen:          o.open,
			OnPingReceived: func(_ context.Context, p []byte) bool {
				pings = append(pings, string(p))
				return false
			},
		},
	})
	if <-o.conns != c || <-o.values != nil {
		t.Error("OnOpen was given something else")
	}
	if c.Subprotocol() != "" || c.Compressed() {
		t.Errorf("subprotocol %q, compressed %v, though neither was agreed on", c.Subprotocol(), c.Compressed())
	}
	go io.Copy(io.Discard, peer)
	go peer.Write(slices.Concat(masked(ws.OpText, false, "a"), masked(ws.OpContinuation, false, "b"), masked(ws.OpContinuation, true, "c")))
	if _, _, err := c.Read(within(t)); !errors.Is(err, websocket.ErrMessageTooBig) || !slices.Equal(pings, []string{"?"}) {
		t.Errorf("%v after pings %q", err, pings)
	}
	if end := <-o.ends; end.Code != 1009 {
		t.Error(end)
	}
	peer.Close()
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	peer, conn := net.Pipe()
	defer peer.Close()
	for text, p := range map[string]websocket.Params{
		"State":  {State: ws.StateServerSide | ws.StateClientSide},
		"Level":  {Options: &websocket.AcceptOptions{Compression: &websocket.CompressionOptions{Level: 10}}},
		"window": {Compression: &wsflate.Parameters{ClientMaxWindowBits: wsflate.WindowBitsNoValue}},
	} {
		c, err := websocket.New(conn, p)
		if c != nil || err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, %v, want an error about %s", c, err, text)
		}
	}
	if _, err := websocket.New(nil, websocket.Params{}); err == nil {
		t.Error("no error for a net.Conn that is nil")
	}
	go conn.Write([]byte("x")) // it is still open
	if _, err := peer.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

// A connection that nobody reads any more keeps nothing from being closed.
func TestNewIsClosedWithEarlyBytesUnread(t *testing.T) {
	peer, conn := tcpPair(t)
	c := newOver(t, conn, websocket.Params{Buffered: framesTo(ws.StateServerSide)})
	c.CloseNow()
	if _, _, err := c.Read(within(t)); !errors.Is(err, websocket.EndedByUs) {
		t.Error(err)
	}
	if _, err := peer.Read(make([]byte, 1)); err != io.EOF {
		t.Error(err)
	}
}

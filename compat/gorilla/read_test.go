package websocket_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// raw returns a server's connection and the bytes of its peer.
func raw(t testing.TB, u *websocket.Upgrader) (*websocket.Conn, net.Conn) {
	t.Helper()
	server, client := pair(t, u, &websocket.Dialer{})
	client.NetConn().SetDeadline(time.Now().Add(time.Minute))
	return server, client.NetConn()
}

// masked is a frame of a client, with a key of zeros.
func masked(first byte, payload string) string {
	return string([]byte{first, 0x80 | byte(len(payload))}) + "\x00\x00\x00\x00" + payload
}

// hear reads n bytes.
func hear(t testing.TB, peer net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(peer, b); err != nil {
		t.Fatalf("the peer has received %q, %v", b, err)
	}
	return string(b)
}

func TestNextReaderDropsTheMessageBefore(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	io.WriteString(peer, masked(0x01, "first")+masked(0x00, "")+masked(0x80, "more")+masked(0x82, "second"))
	_, old, err := c.NextReader()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(old, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	typ, r, err := c.NextReader()
	if typ != websocket.BinaryMessage || err != nil {
		t.Fatal(typ, err)
	}
	if n, err := old.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the old reader: %d, %v", n, err)
	}
	if b, err := io.ReadAll(r); string(b) != "second" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("at its end: %d, %v", n, err)
	}
}

func TestErrorsOfReads(t *testing.T) {
	for name, test := range map[string]struct {
		frames string
		want   func(error) bool
		code   string // that the peer is sent; empty: none
	}{
		"close":                {masked(0x88, "\x03\xe9bye"), isClose(1001, "bye"), "\x03\xe9"},
		"close without a code": {masked(0x88, ""), isClose(websocket.CloseNoStatusReceived, ""), ""},
		"not UTF-8":            {masked(0x01, "a\xc3") + masked(0x80, "b"), is(ws.ErrProtocolInvalidUTF8), "\x03\xef"},
		"opcode":               {masked(0x83, ""), is(ws.ErrProtocolOpCodeReserved), "\x03\xea"},
		"no mask":              {"\x81\x01a", is(ws.ErrProtocolMaskRequired), "\x03\xea"},
		"bad code":             {masked(0x88, "\x03\xee"), is(ws.ErrProtocolStatusCodeApplicationLevel), "\x03\xea"},
		"limit of a frame":     {masked(0x81, "1234567"), is(websocket.ErrReadLimit), "\x03\xf1"},
		"limit of a message":   {masked(0x01, "1234") + masked(0x00, "56") + masked(0x80, "7"), is(websocket.ErrReadLimit), "\x03\xf1"},
		"length of 64 bits":    {"\x82\xff" + strings.Repeat("\xff", 12), is(websocket.ErrReadLimit), "\x03\xea"},
	} {
		t.Run(name, func(t *testing.T) {
			c, peer := raw(t, &websocket.Upgrader{})
			c.SetReadLimit(6)
			io.WriteString(peer, test.frames)
			_, _, err := c.ReadMessage()
			_, _, again := c.NextReader()
			if !test.want(err) || again != err {
				t.Errorf("%v, then %v", err, again)
			}
			if test.code != "" {
				if got := hear(t, peer, 4); got[0] != 0x88 || got[2:] != test.code {
					t.Errorf("the peer got % x", got)
				}
			}
			if err := c.WriteMessage(websocket.TextMessage, nil); err != websocket.ErrCloseSent {
				t.Errorf("a write after that: %v", err)
			}
		})
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func isClose(code int, text string) func(error) bool {
	return func(err error) bool {
		e, ok := err.(*websocket.CloseError)
		return ok && *e == websocket.CloseError{Code: code, Text: text}
	}
}

func TestReadLimitMayChange(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	long := strings.Repeat("a", 100)
	io.WriteString(peer, masked(0x81, long)+masked(0x81, long)+masked(0x81, long))
	for _, limit := range []int64{100, 0} {
		c.SetReadLimit(limit)
		if _, p, err := c.ReadMessage(); string(p) != long || err != nil {
			t.Fatalf("%d bytes within %d, %v", len(p), limit, err)
		}
	}
	c.SetReadLimit(99)
	if _, _, err := c.ReadMessage(); err != websocket.ErrReadLimit {
		t.Error(err)
	}
}

// TestReadLimitHoldsForWhatIsInflated: a few bytes may be many.
func TestReadLimitHoldsForWhatIsInflated(t *testing.T) {
	options := both["compressed"]
	server, client := pair(t, &options.u, &options.d)
	server.SetReadLimit(1000)
	go client.WriteMessage(websocket.BinaryMessage, make([]byte, 1000))
	if _, p, err := server.ReadMessage(); len(p) != 1000 || err != nil {
		t.Fatal(len(p), err)
	}
	go client.WriteMessage(websocket.BinaryMessage, make([]byte, 1001))
	if _, p, err := server.ReadMessage(); len(p) > 1000 || err != websocket.ErrReadLimit {
		t.Error(len(p), err)
	}
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Error(err)
	}
}

func TestWithoutALimitMessagesHaveAnySizeAndAnyNumberOfFrames(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	const frames = wsproto.DefaultMaxFragments + 10
	go func() {
		w := bytes.NewBufferString(masked(0x02, "a"))
		for range frames {
			w.WriteString(masked(0x00, ""))
		}
		w.WriteString(strings.Repeat(masked(0x8a, ""), wsproto.DefaultMaxControls+10) + masked(0x80, "b"))
		w.WriteTo(peer)
	}()
	if _, p, err := c.ReadMessage(); string(p) != "ab" || err != nil {
		t.Errorf("%q, %v", p, err)
	}
}

func TestReadDeadlineIsFinal(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	c.SetReadDeadline(time.Unix(1, 0))
	io.WriteString(peer, masked(0x81, "late"))
	_, _, err := c.ReadMessage()
	e, ok := err.(interface {
		net.Error
		Temporary() bool
	})
	if !ok || !e.Timeout() || e.Temporary() || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%#v", err)
	}
	c.SetReadDeadline(time.Time{})
	if _, _, again := c.ReadMessage(); again != err {
		t.Errorf("then %v", again)
	}
}

func TestTheThousandthFailedReadPanics(t *testing.T) {
	c, _ := raw(t, &websocket.Upgrader{})
	c.Close()
	for range 999 {
		c.ReadMessage()
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	c.ReadMessage()
}

// TestEveryCut: a connection that ends anywhere is a *CloseError with code 1006.
func TestEveryCut(t *testing.T) {
	const whole = "\x01\x83\x00\x00\x00\x00abc\x80\x81\x00\x00\x00\x00d"
	for n := range len(whole) {
		c, peer := raw(t, &websocket.Upgrader{})
		io.WriteString(peer, whole[:n])
		peer.Close()
		if _, _, err := c.ReadMessage(); !websocket.IsUnexpectedCloseError(err, websocket.CloseNormalClosure) || !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// TestReaderTakesPieces: a message is handed on as it arrives, and nothing is kept.
func TestReaderTakesPieces(t *testing.T) {
	options := both["compressed"]
	options.u.ReadBufferSize = 1
	server, client := pair(t, &options.u, &options.d)
	want := bytes.Repeat([]byte("wirews "), 1000)
	go client.WriteMessage(websocket.TextMessage, want)
	_, r, err := server.NextReader()
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for p := make([]byte, 7); ; {
		n, err := r.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

func TestJSONAndJoinedMessages(t *testing.T) {
	server, client := pair(t, &websocket.Upgrader{}, &websocket.Dialer{})
	go func() {
		client.WriteJSON(make(chan int)) // cannot be encoded
		client.WriteJSON(map[string]int{"a": 1})
		client.WriteMessage(websocket.TextMessage, nil)
		client.WriteMessage(websocket.TextMessage, []byte("b"))
		client.WriteMessage(websocket.TextMessage, []byte("c"))
		client.WriteMessage(websocket.CloseMessage, nil)
	}()
	var v map[string]int
	if err := server.ReadJSON(&v); err != nil || v["a"] != 1 {
		t.Error(v, err)
	}
	if err := server.ReadJSON(&v); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if b, err := io.ReadAll(websocket.JoinMessages(server, ";")); string(b) != "b;c;" || !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
		t.Errorf("%q, %v", b, err)
	}
}

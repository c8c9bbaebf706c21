package websocket_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/ws"
)

func TestHandlersAreCalledInsideOfReads(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	var heard []string
	c.SetPongHandler(func(s string) error { heard = append(heard, "pong "+s); return nil })
	c.SetCloseHandler(func(code int, s string) error {
		heard = append(heard, s)
		if code != 1000 {
			t.Error(code)
		}
		return nil
	})
	io.WriteString(peer, masked(0x89, "x")+masked(0x01, "a")+masked(0x8a, "y")+masked(0x80, "b")+masked(0x88, "\x03\xe8end"))
	if len(heard) > 0 {
		t.Error("before a read:", heard)
	}
	if _, p, err := c.ReadMessage(); string(p) != "ab" || err != nil {
		t.Fatalf("%q, %v", p, err)
	}
	if got := hear(t, peer, 3); got != "\x8a\x01x" {
		t.Errorf("the default handler of pings sends %q", got)
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, 1000) {
		t.Error(err)
	}
	if want := []string{"pong y", "end"}; !reflect.DeepEqual(heard, want) {
		t.Errorf("%q", heard)
	}
	if err := c.WriteMessage(websocket.TextMessage, nil); err != nil {
		t.Errorf("the handler has not answered the close message: %v", err)
	}
	if c.PingHandler() == nil || c.PongHandler()("") != nil || c.CloseHandler()(1000, "") != nil {
		t.Error("handlers")
	}
	c.SetPongHandler(nil)
	if err := c.PongHandler()("x"); err != nil {
		t.Error(err)
	}
}

func TestAnErrorOfAHandlerIsThatOfTheRead(t *testing.T) {
	failure := errors.New("no")
	for name, frame := range map[string]string{"ping": masked(0x89, ""), "pong": masked(0x8a, ""), "close": masked(0x88, "")} {
		c, peer := raw(t, &websocket.Upgrader{})
		c.SetPingHandler(func(string) error { return failure })
		c.SetPongHandler(func(string) error { return failure })
		c.SetCloseHandler(func(int, string) error { return failure })
		io.WriteString(peer, frame+masked(0x81, "a"))
		_, _, err := c.ReadMessage()
		if _, _, again := c.ReadMessage(); err != failure || again != failure {
			t.Errorf("%s: %v, then %v", name, err, again)
		}
	}
}

func TestWriteControl(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{WriteBufferSize: 4})
	w, err := c.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "abcde")
	if err := c.WriteControl(websocket.PingMessage, []byte("p"), time.Time{}); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := hear(t, peer, 12); got != "\x01\x04abcd\x89\x01p\x80\x01e" {
		t.Errorf("%q", got)
	}
	for name, test := range map[string]struct {
		typ      int
		data     []byte
		deadline time.Time
		want     func(error) bool
	}{
		"no control message": {websocket.TextMessage, nil, time.Time{}, func(err error) bool { return err != nil }},
		"too long":           {websocket.PongMessage, make([]byte, 126), time.Time{}, func(err error) bool { return err != nil }},
		"too late": {websocket.PongMessage, nil, time.Unix(1, 0), func(err error) bool {
			e, ok := err.(net.Error)
			return ok && e.Timeout()
		}},
		"code 1006":     {websocket.CloseMessage, websocket.FormatCloseMessage(1006, ""), time.Time{}, is(websocket.ErrCloseData)},
		"which rule":    {websocket.CloseMessage, websocket.FormatCloseMessage(1006, ""), time.Time{}, is(ws.ErrProtocolStatusCodeApplicationLevel)},
		"a byte":        {websocket.CloseMessage, []byte{3}, time.Time{}, is(websocket.ErrCloseData)},
		"reason, bytes": {websocket.CloseMessage, websocket.FormatCloseMessage(1000, "\xff"), time.Time{}, is(websocket.ErrCloseData)},
	} {
		if err := c.WriteControl(test.typ, test.data, test.deadline); !test.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// None of that has done any harm.
	if err := c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "so"), time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if got := hear(t, peer, 6); got != "\x88\x04\x03\xe9so" {
		t.Errorf("%q", got)
	}
	for name, err := range map[string]error{
		"ping":  c.WriteControl(websocket.PingMessage, nil, time.Time{}),
		"close": c.WriteControl(websocket.CloseMessage, nil, time.Time{}),
		"text":  c.WriteMessage(websocket.TextMessage, nil),
	} {
		if err != websocket.ErrCloseSent {
			t.Errorf("%s after close: %v", name, err)
		}
	}
}

// TestWriteControlWaitsNoLongerThanItsDeadline for somebody who writes to a peer that
// does not read.
func TestWriteControlWaitsNoLongerThanItsDeadline(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	done := make(chan error)
	go func() { done <- c.WriteMessage(websocket.BinaryMessage, make([]byte, 64<<20)) }()
	hear(t, peer, 10)
	err := c.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Millisecond))
	if e, ok := err.(net.Error); !ok || !e.Timeout() {
		t.Errorf("%v", err)
	}
	peer.Close()
	if err := <-done; err == nil {
		t.Error("the peer is gone, and a message of 64 MiB was sent")
	}
	if err := c.WriteControl(websocket.PingMessage, nil, time.Time{}); err == nil {
		t.Error("an error of the net.Conn is the end of writing")
	}
}

// A client cuts a long message into frames, and lets a pong go between them.
func TestClientAnswersPingsWhileItSendsALongMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		go func() {
			r, err := http.ReadRequest(bufio.NewReader(peer))
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintf(peer, accepted+"\r\n", acceptFor(r))
		}()
		d := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
		c, _, err := d.Dial("ws://server.example.com", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		defer c.Close()
		message := bytes.Repeat([]byte("0123456789"), 20_000)
		go c.WriteMessage(websocket.TextMessage, message)
		go c.ReadMessage()
		var ops []ws.OpCode
		var got []byte
		for len(ops) == 0 || len(got) < len(message) {
			f, err := ws.ReadFrame(peer)
			if err != nil {
				t.Fatal(err)
			}
			ops = append(ops, f.Header.OpCode)
			if f = ws.UnmaskFrameInPlace(f); f.Header.OpCode != ws.OpPong {
				got = append(got, f.Payload...)
			}
			if len(ops) == 1 {
				peer.Write(ws.AppendFrame(nil, ws.NewPingFrame(nil)))
				synctest.Wait() // the pong is sent, or waits for the second frame
			}
		}
		if at := slices.Index(ops, ws.OpPong); at != 1 && at != 2 || len(ops) != 5 || !bytes.Equal(got, message) {
			t.Errorf("frames %v, want a pong before or after the second of four; %d bytes of %d", ops, len(got), len(message))
		}
	})
}

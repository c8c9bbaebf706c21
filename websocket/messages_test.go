package websocket_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"slices"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// messages runs a loop over the messages of a connection, and returns what it has
// found, and the errors.
func messages(ctx context.Context, c *websocket.Conn) (found []string, errs []error) {
	for m, err := range c.Messages(ctx) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		found = append(found, m.Type.String()+" "+string(m.Data))
	}
	return found, errs
}

// A loop ends without an error if the peer has closed the connection because all is
// said, and with one otherwise, after the messages that came before.
func TestHowALoopOverMessagesEnds(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  []byte
		want error // nil: none
	}{
		{"1000", masked(ws.OpClose, true, "\x03\xe8"), nil},
		{"1001", masked(ws.OpClose, true, "\x03\xe9gone"), nil},
		{"no code", masked(ws.OpClose, true, ""), nil},
		{"1011", masked(ws.OpClose, true, "\x03\xf3"), websocket.EndedByPeer},
		{"1012", masked(ws.OpClose, true, "\x03\xf4"), websocket.EndedByPeer},
		{"4000", masked(ws.OpClose, true, "\x0f\xa0"), websocket.EndedByPeer},
		{"no close frame", nil, io.EOF},
		{"a violation", []byte("\x81\x01x"), websocket.EndedByViolation}, // RFC 6455, 5.1: not masked
	} {
		client, server := tcpPair(t)
		c := accept(t, client, server, nil)
		for _, p := range []string{"one", "", "three"} {
			client.Write(masked(ws.OpText, true, p))
		}
		client.Write(masked(ws.OpBinary, true, "four"))
		client.Write(tc.end)
		client.(*net.TCPConn).CloseWrite()
		found, errs := messages(within(t), c)
		if want := []string{"MessageText one", "MessageText ", "MessageText three", "MessageBinary four"}; !slices.Equal(found, want) {
			t.Errorf("%s: %q, want %q", tc.name, found, want)
		}
		if tc.want == nil && len(errs) > 0 || tc.want != nil && (len(errs) != 1 || !errors.Is(errs[0], tc.want)) {
			t.Errorf("%s: the errors are %v, want %v", tc.name, errs, tc.want)
		}
		if _, _, err := c.Read(within(t)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: Read after the loop: %v", tc.name, err)
		}
	}
}

// RFC 6455, 7.4.1: 1001 is a browser whose page was left, or a server that goes down.
func TestAServerThatGoesAwayMayNotHaveSaidAll(t *testing.T) {
	for code, want := range map[websocket.StatusCode]bool{websocket.StatusNormalClosure: true, websocket.StatusNoStatusRcvd: true, websocket.StatusGoingAway: false} {
		c := dial(t, serve(t, nil, func(c *websocket.Conn) { c.Close(code, "") }), nil)
		_, errs := messages(within(t), c)
		if well := len(errs) == 0; well != want || !well && websocket.CloseStatus(errs[0]) != code {
			t.Errorf("%v of a server: %v", code, errs)
		}
	}
}

// Whoever closes the connection in the body knows that it has ended, but another
// loop does not: it is an error.
func TestACloseOfThisProgramEndsALoopOverMessages(t *testing.T) {
	for name, end := range map[string]func(c *websocket.Conn){
		"Close":    func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") },
		"CloseNow": func(c *websocket.Conn) { c.CloseNow() },
	} {
		client, server := tcpPair(t)
		c := accept(t, client, server, nil)
		client.Write(masked(ws.OpText, true, "last"))
		peer := peerOf(t, client)
		go peer.untilClose()
		turns, ended := 0, 0
		for _, err := range c.Messages(within(t)) {
			if turns++; turns == 1 {
				end(c)
			} else if errors.Is(err, websocket.EndedByUs) {
				ended++
			}
		}
		if turns != 2 || ended != 1 {
			t.Errorf("%s: %d turns, %d errors of our own end", name, turns, ended)
		}
	}
}

func TestAConnectionIsUsableAfterALoopOverMessages(t *testing.T) {
	client, server := tcpPair(t)
	c := accept(t, client, server, nil)
	for _, p := range []string{"a", "b", "c", "d"} {
		client.Write(masked(ws.OpText, true, p))
	}
	all := c.Messages(within(t))
	for range 2 { // the same sequence goes on
		for m, err := range all {
			if err != nil || len(m.Data) != 1 {
				t.Fatal(m, err)
			}
			break
		}
	}
	if _, p, err := c.Read(within(t)); string(p) != "c" {
		t.Errorf("Read after a break: %q, %v", p, err)
	}

	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	turns := 0
	for m, err := range c.Messages(ctx) {
		if turns++; turns == 1 && string(m.Data) == "d" {
			cancel()
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("turn %d: %q, %v", turns, m.Data, err)
		}
	}
	client.Write(masked(ws.OpText, true, "e"))
	if _, p, err := c.Read(within(t)); turns != 2 || string(p) != "e" {
		t.Errorf("Read after the end of a context and %d turns: %q, %v", turns, p, err)
	}
}

// A panic in the body is the program's, and the connection is as it was.
func TestAPanicInALoopOverMessages(t *testing.T) {
	client, server := tcpPair(t)
	c := accept(t, client, server, nil)
	client.Write(masked(ws.OpText, true, "a"))
	client.Write(masked(ws.OpText, true, "b"))
	func() {
		defer func() {
			if recover() != "of the body" {
				t.Error("the panic did not go on")
			}
		}()
		for range c.Messages(within(t)) {
			panic("of the body")
		}
	}()
	if _, p, err := c.Read(within(t)); string(p) != "b" {
		t.Errorf("%q, %v", p, err)
	}
}

func TestMessagesAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, size := range []int{5, 30_000} {
		client, server := tcpPair(t)
		c := accept(t, client, server, nil)
		next, stop := iter.Pull2(c.Messages(context.Background()))
		defer stop()
		frame := masked(ws.OpBinary, true, string(prose(size)))
		n := testing.AllocsPerRun(500, func() {
			client.Write(frame)
			if m, err, ok := next(); !ok || err != nil || len(m.Data) != size {
				t.Fatal(len(m.Data), err, ok)
			}
		})
		if n != 0 {
			t.Errorf("%v allocations for each message of %d bytes", n, size)
		}
	}
}

// A loop over what has been received is to end when its context does, and not when
// all of it has been handled.
func TestReadEndsWithItsContextAlthoughMoreHasBeenReceived(t *testing.T) {
	for name, read := range map[string]func(ctx context.Context, c *websocket.Conn) error{
		"Read":   func(ctx context.Context, c *websocket.Conn) error { _, _, err := c.Read(ctx); return err },
		"Reader": func(ctx context.Context, c *websocket.Conn) error { _, _, err := c.Reader(ctx); return err },
		"Messages": func(ctx context.Context, c *websocket.Conn) error {
			for _, err := range c.Messages(ctx) {
				return err
			}
			return nil
		},
	} {
		server, client := wstest.Pipe(t, nil, nil)
		for range 3 {
			server.Write(context.Background(), websocket.MessageText, []byte("x"))
		}
		if _, _, err := client.Read(context.Background()); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if err := read(ended, client); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		for range 2 {
			if _, p, err := client.Read(context.Background()); err != nil || string(p) != "x" {
				t.Errorf("%s: what was received is not there any more: %q, %v", name, p, err)
			}
		}
	}
}

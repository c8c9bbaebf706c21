package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// countingConn counts what is done to a transport without a descriptor.
type countingConn struct {
	net.Conn
	reads, writes atomic.Int32
}

func (c *countingConn) Read(p []byte) (int, error) {
	c.reads.Add(1)
	return c.Conn.Read(p)
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestWhatArrivesTogetherIsAnsweredTogether(t *testing.T) {
	bubble(t, arrivesTogether) // what is held back for long enough leaves
}

func arrivesTogether(t *testing.T) {
	client, server := net.Pipe()
	counting := &countingConn{Conn: server}
	c := accept(t, client, counting, nil)
	var frames []byte
	for range 100 {
		frames = append(frames, masked(ws.OpText, true, "Hello")...)
	}
	go client.Write(frames)
	before := counting.writes.Load()
	served := make(chan error, 1)
	go func() {
		served <- c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	}()
	answer := make([]byte, 700)
	if _, err := io.ReadFull(client, answer); err != nil || string(answer) != strings.Repeat("\x81\x05Hello", 100) {
		t.Errorf("%q, %v", answer, err)
	}
	// The first read of a connection without a descriptor is a short one.
	if n := counting.writes.Load() - before; n > 2 {
		t.Errorf("%d writes", n)
	}
	client.Close()
	if err := <-served; !errors.Is(err, websocket.EndedByTransport) || !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// A handler may wait for the answer to what it has written: that does not wait
// for the handler.
func TestAHandlerMayWaitForAnAnswerToItsReply(t *testing.T) {
	for name, pair := range transports {
		noLeaks(t)
		client, server := pair(t)
		c := accept(t, client, server, nil)
		answered := make(chan bool)
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				if err := c.Write(ctx, typ, []byte("question")); err != nil {
					return err
				}
				<-answered
				return nil
			})
		}()
		go client.Write(masked(ws.OpText, true, "begin"))
		b := make([]byte, 10)
		if _, err := io.ReadFull(client, b); err != nil || string(b) != "\x81\x08question" {
			t.Fatalf("%s: %q, %v", name, b, err)
		}
		answered <- true
		client.Close()
		<-served
	}
}

// The same for held replies of the pull form.
func TestHeldRepliesDoNotWaitForTheNextRead(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, &websocket.AcceptOptions{HoldReplies: true})
		go client.Write(append(masked(ws.OpText, true, "a"), masked(ws.OpText, true, "b")...))
		for _, want := range []string{"a", "b"} {
			typ, p, err := c.Read(within(t))
			if err != nil || string(p) != want {
				t.Fatal(name, err)
			}
			if err := c.Write(within(t), typ, p); err != nil {
				t.Fatal(name, err)
			}
		}
		b := make([]byte, 6)
		if _, err := io.ReadFull(client, b); err != nil || string(b) != "\x81\x01a\x81\x01b" {
			t.Fatalf("%s: %q, %v", name, b, err)
		}
		// A Read that has to wait sends what is held back.
		go c.Read(within(t))
		if err := c.Write(within(t), websocket.MessageText, []byte("c")); err != nil {
			t.Fatal(name, err)
		}
		if _, err := io.ReadFull(client, b[:3]); err != nil || string(b[:3]) != "\x81\x01c" {
			t.Fatalf("%s: %q, %v", name, b[:3], err)
		}
		c.CloseNow()
		client.Close()
	}
}

func TestClosingInsideAHandler(t *testing.T) {
	for name, pair := range transports {
		for _, tc := range []struct {
			name  string
			close func(c *websocket.Conn) error
			code  websocket.StatusCode
		}{
			{"Close", func(c *websocket.Conn) error { return c.Close(4001, "enough") }, 4001},
			{"CloseNow", func(c *websocket.Conn) error { return c.CloseNow() }, websocket.StatusAbnormalClosure},
			{"an error", nil, websocket.StatusInternalError},
		} {
			noLeaks(t)
			client, server := pair(t)
			c := accept(t, client, server, nil)
			served := make(chan error, 1)
			broken := errors.New("it does not work")
			go func() {
				served <- c.Serve(within(t), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
					if tc.close == nil {
						return broken
					}
					return tc.close(c)
				})
			}()
			peer := peerOf(t, client)
			go client.Write(masked(ws.OpText, true, "end it"))
			if got := peer.untilClose(); got != tc.code {
				t.Errorf("%s, %s: the peer gets %v", name, tc.name, got)
			}
			err := <-served
			var end *websocket.ConnError
			if !errors.As(err, &end) || end.By != websocket.EndedByUs || websocket.StatusCode(end.Code) != tc.code {
				t.Errorf("%s, %s: %#v", name, tc.name, err)
			}
			if tc.close == nil && !errors.Is(err, broken) {
				t.Errorf("%s, %s: %v", name, tc.name, err)
			}
			client.Close()
		}
	}
}

func TestAPanicInAHandlerClosesAndGoesOn(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		panicked := make(chan any, 1)
		go func() {
			defer func() { panicked <- recover() }()
			c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				panic("no")
			})
		}()
		go client.Write(masked(ws.OpText, true, "x"))
		if got := <-panicked; got != "no" {
			t.Errorf("%s: %v", name, got)
		}
		if _, err := io.ReadAll(client); err != nil {
			t.Errorf("%s: the transport is not closed: %v", name, err)
		}
		if _, _, err := c.Read(context.Background()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Closing from elsewhere does not wait for a handler that waits for that.
func TestCloseNowDoesNotWaitForAHandler(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		inside, closed := make(chan bool), make(chan bool)
		served := make(chan error, 1)
		go func() {
			served <- c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
				inside <- true
				<-closed
				return nil
			})
		}()
		go client.Write(masked(ws.OpText, true, "x"))
		<-inside
		c.CloseNow()
		if name != "wrapped" { // it cannot close one direction
			if _, err := io.ReadAll(client); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		close(closed)
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestServeEndsWithItsContextAndCanGoOn(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(5*time.Millisecond, cancel)
		none := func(context.Context, websocket.MessageType, []byte) error { return nil }
		if err := c.Serve(ctx, none); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		go client.Write(masked(ws.OpText, true, "x"))
		got := make(chan string, 1)
		go c.Serve(within(t), func(_ context.Context, _ websocket.MessageType, p []byte) error {
			got <- string(p)
			return nil
		})
		if p := <-got; p != "x" {
			t.Errorf("%s: %q", name, p)
		}
		if _, _, err := c.Read(within(t)); err == nil || errors.Is(err, websocket.EndedByUs) {
			t.Errorf("%s: Read beside Serve: %v", name, err)
		}
		c.CloseNow()
		client.Close()
	}
}

// One connection whose peer never stops sending leaves the others their turn.
func TestABusyConnectionLeavesOthersTheirTurn(t *testing.T) {
	busy, flood := handshake(t, nil)
	calm, client := handshake(t, nil)
	handler := func(c *websocket.Conn) websocket.Handler {
		return func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			if c == busy {
				return nil
			}
			return c.Write(ctx, typ, p)
		}
	}
	go busy.Serve(context.Background(), handler(busy))
	go calm.Serve(context.Background(), handler(calm))
	stop := make(chan bool)
	go func() {
		frames := []byte(strings.Repeat(string(masked(ws.OpText, true, "x")), 1000))
		for {
			select {
			case <-stop:
				return
			default:
				flood.Write(frames)
			}
		}
	}()
	defer close(stop)
	b := make([]byte, 3)
	for range 100 {
		client.Write(masked(ws.OpText, true, "y"))
		client.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.ReadFull(client, b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAReadLimitHoldsFromTheNextMessageOn(t *testing.T) {
	wire := string(masked(ws.OpText, false, "Hello")) + string(masked(ws.OpContinuation, true, " world")) + string(masked(ws.OpText, true, "longer"))
	send := func(client net.Conn) {
		io.WriteString(client, wire)
		client.(*net.TCPConn).CloseWrite() // nobody is to wait for its answer to the close frame
	}
	t.Run("Reader", func(t *testing.T) {
		client, server := tcpPair(t)
		c := accept(t, client, server, nil)
		send(client)
		_, r, err := c.Reader(within(t))
		if err != nil {
			t.Fatal(err)
		}
		c.SetReadLimit(5)
		if p, err := io.ReadAll(r); err != nil || string(p) != "Hello world" {
			t.Errorf("%q, %v", p, err)
		}
		if _, p, err := c.Read(within(t)); !errors.Is(err, websocket.ErrMessageTooBig) {
			t.Errorf("%q, %v", p, err)
		}
	})
	t.Run("Serve", func(t *testing.T) {
		client, server := tcpPair(t)
		c := accept(t, client, server, nil)
		send(client)
		err := c.Serve(within(t), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			if c.SetReadLimit(5); string(p) != "Hello world" {
				t.Errorf("%q", p)
			}
			return nil
		})
		if !errors.Is(err, websocket.ErrMessageTooBig) {
			t.Error(err)
		}
	})
}

// A peer may close its sending direction after its last frame, and both may
// come together: Serve answers what was sent, and ends.
func TestServeSeesAnEndThatComesWithTheLastBytes(t *testing.T) {
	tail := map[string]string{
		"after a message":       "",
		"inside a frame":        "\x81\x85\x00",
		"inside a long message": string(masked(ws.OpText, false, strings.Repeat("x", 20000))),
	}
	for name, pair := range transports {
		for where, rest := range tail {
			for _, entered := range []bool{false, true} {
				noLeaks(t)
				client, server := pair(t)
				half, ok := client.(interface{ CloseWrite() error })
				if !ok {
					continue // it has no half-close
				}
				c := accept(t, client, server, nil)
				block := make(chan bool)
				served := make(chan error, 1)
				go func() {
					served <- c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
						<-block // until all that is sent is there
						return c.Write(ctx, typ, p)
					})
				}()
				client.Write(masked(ws.OpText, true, "first"))
				if entered {
					block <- true
					if _, err := io.ReadFull(client, make([]byte, 7)); err != nil {
						t.Fatal(err)
					}
					client.Write(masked(ws.OpText, true, "first"))
				}
				io.WriteString(client, string(masked(ws.OpText, true, "second"))+rest)
				half.CloseWrite()
				close(block)
				answer, err := io.ReadAll(client)
				if err != nil || string(answer) != "\x81\x05first\x81\x06second" {
					t.Errorf("%s, %s: %q, %v", name, where, answer, err)
				}
				if err := <-served; !errors.Is(err, websocket.EndedByTransport) || !errors.Is(err, io.ErrUnexpectedEOF) && rest != "" {
					t.Errorf("%s, %s: %v", name, where, err)
				}
			}
		}
	}
}

// handlerFaults is an error whose values cannot be compared, as a list of them is.
type handlerFaults []string

func (handlerFaults) Error() string { return "faults" }

func TestServeWithAnErrorThatCannotBeCompared(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		nc, err := l.Accept()
		if err != nil {
			served <- err
			return
		}
		defer func() {
			if v := recover(); v != nil {
				t.Errorf("Serve panics: %v", v)
				served <- nil
			}
		}()
		c, err := websocket.AcceptConn(nc, nil)
		if err == nil {
			err = c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return handlerFaults{"x"} })
		}
		served <- err
	}()
	c, _, err := websocket.Dial(t.Context(), "ws://"+l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Write(t.Context(), websocket.MessageText, []byte("x"))
	c.CloseNow() // without an answer to the close frame
	if err := <-served; !t.Failed() {
		if _, ok := errors.AsType[handlerFaults](err); !ok {
			t.Errorf("%v", err)
		}
	}
}

package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// masked returns a client's frame.
func masked(op ws.OpCode, fin bool, p string) []byte {
	return ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(p)), [4]byte{9, 8, 7, 6}))
}

// Each connection's transport, as the tests want to try it.
var transports = map[string]func(t testing.TB) (client, server net.Conn){
	"tcp":  tcpPair,
	"unix": unixPair,
	"pipe": func(t testing.TB) (client, server net.Conn) { return net.Pipe() },
	"wrapped": func(t testing.TB) (client, server net.Conn) {
		client, server = tcpPair(t)
		return client, struct{ net.Conn }{server}
	},
	"tls": func(t testing.TB) (client, server net.Conn) { return tlsOver(tcpPair(t)) },
}

// A read that is cancelled anywhere in a message, also a fragmented one, can be
// repeated.
func TestACancelledReadCanBeRepeated(t *testing.T) {
	wire := append(masked(ws.OpText, false, "Hel"), masked(ws.OpPing, true, "?")...)
	wire = append(wire, masked(ws.OpContinuation, true, "lo")...)
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		go io.Copy(io.Discard, client)
		send := make(chan []byte, 2)
		go func() {
			for p := range send {
				if len(p) > 0 { // net.Pipe would wait with nothing too
					client.Write(p)
				}
			}
		}()
		for cut := range len(wire) + 1 {
			send <- wire[:cut]
			if cut < len(wire) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
				if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("%s, cut at %d: %v", name, cut, err)
				}
				cancel()
			}
			send <- wire[cut:]
			if typ, p, err := c.Read(within(t)); err != nil || typ != websocket.MessageText || string(p) != "Hello" {
				t.Fatalf("%s, cut at %d: %v %q %v", name, cut, typ, p, err)
			}
		}
		close(send)
	}
}

// One context for many connections ends what waits on each of them, over any
// transport, by Read or by Serve, and all of them go on with another one.
func TestOneContextForManyConnections(t *testing.T) {
	type pair struct {
		c      *websocket.Conn
		client net.Conn
		ended  chan error
	}
	var all []pair
	for _, open := range transports {
		for range 20 {
			client, server := open(t)
			all = append(all, pair{accept(t, client, server, nil), client, make(chan error, 1)})
		}
	}
	stacks := make([]byte, 8<<20)
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		for i, p := range all {
			go func() {
				if i%2 == 0 {
					_, _, err := p.c.Read(ctx)
					p.ended <- err
					return
				}
				p.ended <- p.c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { return nil })
			}()
		}
		wstest.Until(t, "all of them wait", func() bool { return waiting(stacks, "websocket.(*Conn).") >= len(all) })
		cancel()
		for i, p := range all {
			if err := <-p.ended; !errors.Is(err, context.Canceled) {
				t.Fatalf("%d: %v", i, err)
			}
		}
	}
	for i, p := range all {
		go p.client.Write(masked(ws.OpText, true, "Hello"))
		if _, got, err := p.c.Read(within(t)); string(got) != "Hello" {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
}

func TestAReaderGoesOnWithAnotherContext(t *testing.T) {
	c, client := handshake(t, nil)
	client.Write(masked(ws.OpText, false, "Hel"))
	ctx, cancel := context.WithCancel(context.Background())
	_, r, err := c.Reader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := r.Read(b); err != nil || string(b[:n]) != "Hel" {
		t.Fatal(n, err)
	}
	if _, _, err := c.Reader(within(t)); err == nil {
		t.Error("two Readers at once")
	}
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := r.Read(b); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	before := r
	_, r, err = c.Reader(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.Read(b); !errors.Is(err, context.Canceled) {
		t.Errorf("the Reader before takes the message for complete: %v", err)
	}
	client.Write(masked(ws.OpContinuation, true, "lo"))
	if p, err := io.ReadAll(r); err != nil || string(p) != "lo" {
		t.Errorf("%q, %v", p, err)
	}
}

// receiveAll takes the messages that a server sends from its bytes.
func receiveAll(t *testing.T, wire []byte) (messages [][]byte, err error) {
	t.Helper()
	r := wsproto.Receiver{Config: &wsproto.Config{State: ws.StateClientSide}}
	var a wsproto.Assembler
	for {
		ev, n, err := r.Next(wire, nil)
		if wire = wire[n:]; err != nil {
			return messages, err
		}
		if p, done := a.Add(ev); done && !ev.Op.IsControl() {
			messages = append(messages, append([]byte(nil), p...))
		}
	}
}

// Whatever the moment at which a Write is cancelled, what the peer receives is
// whole messages.
func TestACancelledWriteLeavesTheStreamWhole(t *testing.T) {
	for name, pair := range transports {
		if name == "tls" {
			continue // it does not survive that, see below
		}
		for _, size := range []int{20_000, 60_000} {
			onEveryProcessor(func() { cancelWrites(t, name, pair, size) })
		}
	}
}

// cancelWrites cancels writes of so many bytes, and looks at what arrives.
func cancelWrites(t *testing.T, name string, pair func(testing.TB) (client, server net.Conn), size int) {
	client, server := pair(t)
	small(server)
	c := accept(t, client, server, nil)
	cancelled := 0
	message := func(i int) []byte {
		p := atPage(0, size)
		p[0] = byte(i)
		return p
	}
	// The peer does not read: sooner or later a Write has to wait.
	for i := 0; cancelled < 3; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
		err := c.Write(ctx, websocket.MessageBinary, message(i))
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			cancelled++
		} else if err != nil {
			t.Fatal(name, err)
		}
	}
	all := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(client)
		all <- b
	}()
	if err := c.Write(within(t), websocket.MessageBinary, message(0)); err != nil {
		t.Fatal(name, err)
	}
	c.CloseNow()
	messages, err := receiveAll(t, <-all)
	if err != ws.ErrShort || len(messages) == 0 {
		t.Errorf("%s: %d messages, %v", name, len(messages), err)
	}
	for _, m := range messages {
		if len(m) != size || !bytes.Equal(m, message(int(m[0]))) {
			t.Errorf("%s: a message of %d bytes has been spoilt", name, len(m))
		}
	}
	if last := messages[len(messages)-1]; last[0] != 0 {
		t.Errorf("%s: the last message is not the last one written", name)
	}
	client.Close()
}

// TLS is broken by a write that was interrupted, which is then what has ended
// the connection.
func TestACancelledWriteOverTLS(t *testing.T) {
	below, other := net.Pipe()
	defer below.Close() // without a goodbye, which nobody would take
	client, server := tlsOver(below, other)
	c := accept(t, client, server, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		below.Read(make([]byte, 1)) // it has begun
		cancel()
	}()
	if err := c.Write(ctx, websocket.MessageText, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := c.Write(within(t), websocket.MessageText, []byte("y")); !errors.Is(err, websocket.EndedByTransport) {
		t.Error(err)
	}
}

func TestAWriteTooLongToBeKeptEndsTheConnection(t *testing.T) {
	c, client := handshake(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		client.Read(make([]byte, 1)) // it has begun
		cancel()
	}()
	err := c.Write(ctx, websocket.MessageBinary, make([]byte, 64<<20))
	if !errors.Is(err, context.Canceled) || !errors.Is(err, websocket.EndedByUs) {
		t.Error(err)
	}
	if err := c.Write(context.Background(), websocket.MessageBinary, nil); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func TestContextsThatHaveEndedDoNothing(t *testing.T) {
	c, client := handshake(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Write(ctx, websocket.MessageText, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, _, err := c.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := c.Ping(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.Write(context.Background(), websocket.MessageText, []byte("y"))
	b := make([]byte, 10)
	if n, _ := client.Read(b); string(b[:n]) != "\x81\x01y" {
		t.Errorf("%q", b[:n])
	}
}

// An echo by Read and Write costs no allocation, whatever the context, but for
// one that is another than the time before.
func TestContextsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	one, cancelOne := context.WithCancel(context.Background())
	two, cancelTwo := context.WithCancel(context.Background())
	defer cancelOne()
	defer cancelTwo()
	for _, tc := range []struct {
		name string
		opts *websocket.AcceptOptions
		ctxs [2]context.Context
		most float64
	}{
		{"that cannot be cancelled", nil, [2]context.Context{context.Background(), context.Background()}, 0},
		{"the one of the call before", nil, [2]context.Context{one, one}, 0},
		{"another one each time", nil, [2]context.Context{one, two}, 2},
		{"and timeouts", &websocket.AcceptOptions{ReadTimeout: time.Minute, WriteTimeout: time.Minute}, [2]context.Context{one, one}, 0},
	} {
		c, client := handshake(t, tc.opts)
		frame := masked(ws.OpBinary, true, "Hello")
		answer := make([]byte, 7)
		var p []byte
		i := 0
		goroutines := runtime.NumGoroutine()
		stacks := make([]byte, 1<<20)
		var over atomic.Bool
		go func() {
			for {
				if _, err := io.ReadFull(client, answer); err != nil {
					return
				}
				for waiting(stacks, "websocket.(*Conn).ReadAppend(") == 0 && !over.Load() {
					runtime.Gosched() // so that it has to wait
				}
				if _, err := client.Write(frame); err != nil {
					return
				}
			}
		}()
		client.Write(frame)
		n := testing.AllocsPerRun(500, func() {
			ctx := tc.ctxs[i%2]
			i++
			var err error
			if _, p, err = c.ReadAppend(ctx, p[:0]); err == nil {
				err = c.Write(ctx, websocket.MessageBinary, p)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		over.Store(true)
		if n > tc.most {
			t.Errorf("%s: %v allocations, want at most %v", tc.name, n, tc.most)
		}
		if now := runtime.NumGoroutine(); now > goroutines+1 {
			t.Errorf("%s: %d goroutines, there were %d", tc.name, now, goroutines+1)
		}
		c.CloseNow()
	}
}

func TestTimeoutsEndTheConnection(t *testing.T) {
	c, client := handshake(t, &websocket.AcceptOptions{ReadTimeout: 5 * time.Millisecond})
	go func() {
		io.ReadFull(client, make([]byte, 4)) // a close frame
		client.Close()
	}()
	_, _, err := c.Read(context.Background())
	var end *websocket.ConnError
	if !errors.As(err, &end) || end.By != websocket.EndedByTimeout || websocket.StatusCode(end.Code) != websocket.StatusPolicyViolation || !end.Timeout() {
		t.Errorf("%#v", err)
	}
	c, _ = handshake(t, &websocket.AcceptOptions{WriteTimeout: 5 * time.Millisecond})
	for err = nil; err == nil; {
		err = c.Write(context.Background(), websocket.MessageBinary, make([]byte, 10_000))
	}
	if !errors.Is(err, websocket.EndedByTimeout) {
		t.Error(err)
	}
}

// otherTimeouts is a transport whose deadlines have an error of its own, as
// those of multiplexers have.
type otherTimeouts struct{ net.Conn }

type otherTimeout struct{}

func (otherTimeout) Error() string   { return "too late" }
func (otherTimeout) Timeout() bool   { return true }
func (otherTimeout) Temporary() bool { return true }

func (c otherTimeouts) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = otherTimeout{}
	}
	return n, err
}

func (c otherTimeouts) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = otherTimeout{}
	}
	return n, err
}

func TestTransportsMayHaveErrorsOfTheirOwnForDeadlines(t *testing.T) {
	client, server := net.Pipe()
	c := accept(t, client, otherTimeouts{server}, nil)
	for name, call := range map[string]func(context.Context) error{
		"read":  func(ctx context.Context) error { _, _, err := c.Read(ctx); return err },
		"write": func(ctx context.Context) error { return c.Write(ctx, websocket.MessageText, []byte("x")) },
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	go client.Write(masked(ws.OpText, true, "x"))
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "x" {
		t.Errorf("%q, %v", p, err)
	}
}

//go:build linux

// Package suite holds what both epoll servers are tested for.
package suite

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

// MaxMessage is the longest message that the servers have to take, in bytes.
const MaxMessage = 8 << 20

// Server is a running server.
type Server struct {
	Addr  string
	Conns func() int // the number of its connections
}

// Run runs all tests, each with a server of its own that start starts and the
// end of the test stops.
func Run(t *testing.T, start func(*testing.T) Server) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Server)
	}{
		{"slow clients delay nobody", slowClients},
		{"a ping inside a fragmented message", pingInside},
		{"a message of 5 MiB", bigMessage},
		{"frames that come together", pipelined},
		{"who does not read is not read from", backpressure},
		{"peers that vanish leave nothing", vanishing},
		{"close codes", closeCodes},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t)
			test.run(t, s)
		})
	}
}

// WaitConns waits until s has n connections.
func WaitConns(t *testing.T, s Server, n int) {
	t.Helper()
	for end := time.Now().Add(peer.Patience); s.Conns() != n; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d connections, want %d", s.Conns(), n)
		}
		time.Sleep(time.Millisecond)
	}
}

// slowClients holds a hundred clients in the middle of their handshake or of
// a frame while another one gets a thousand echoes; then it lets them go on,
// byte by byte.
func slowClients(t *testing.T, s Server) {
	const clients, echoes = 100, 1000
	var held, ended sync.WaitGroup
	release := make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	defer ended.Wait()
	defer letGo()
	errs := make(chan error, clients)
	held.Add(clients)
	for i := range clients {
		conn := peer.Connect(t, s.Addr)
		ended.Go(func() { errs <- crawl(conn, i, held.Done, release) })
	}
	held.Wait()
	WaitConns(t, s, clients)

	good := peer.Open(t, s.Addr, ws.Dialer{})
	for i := range echoes {
		f := ws.NewTextFrame(fmt.Append(nil, "echo ", i))
		peer.Send(t, good, peer.Frame(nil, f))
		peer.Want(t, good, f)
	}
	select {
	case err := <-errs:
		t.Fatalf("a slow client has ended early: %v", err)
	default:
	}
	letGo()
	for range clients {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// crawl sends a request and a frame byte by byte, and is held at a place that
// depends on i.
func crawl(conn net.Conn, i int, held func(), release <-chan struct{}) error {
	defer conn.Close()
	request := []byte(peer.Request + "\r\n")
	hello := ws.NewTextFrame(fmt.Append(nil, "hello, I am client number ", i))
	frame := peer.Frame(nil, hello)
	var once sync.Once
	defer once.Do(held)

	send := func(b []byte, holdAt int) error {
		for k := range b {
			if k == holdAt {
				once.Do(held)
				<-release
			}
			if _, err := conn.Write(b[k : k+1]); err != nil {
				return err
			}
			time.Sleep(time.Millisecond) // so that the bytes come one by one
		}
		return nil
	}
	inRequest, inFrame := i%len(request), -1
	if i%2 == 0 {
		inRequest, inFrame = -1, i%len(frame)
	}
	if err := send(request, inRequest); err != nil {
		return err
	}
	// The response ends with the first empty line; nothing follows it yet.
	var response strings.Builder
	for b := make([]byte, 1); !strings.HasSuffix(response.String(), "\r\n\r\n"); {
		if _, err := conn.Read(b); err != nil {
			return err
		}
		response.Write(b)
	}
	if !strings.HasPrefix(response.String(), "HTTP/1.1 101 ") {
		return fmt.Errorf("got %q", response.String())
	}
	if err := send(frame, inFrame); err != nil {
		return err
	}
	got, err := ws.ReadFrame(conn)
	if err == nil && string(got.Payload) != string(hello.Payload) {
		err = fmt.Errorf("got %q, want %q", got.Payload, hello.Payload)
	}
	return err
}

func pingInside(t *testing.T, s Server) {
	conn := peer.Open(t, s.Addr, ws.Dialer{})
	b := peer.Frame(nil, ws.NewFrame(ws.OpText, false, []byte("frag")))
	b = peer.Frame(b, ws.NewPingFrame([]byte("?")))
	b = peer.Frame(b, ws.NewPongFrame([]byte("ignored")))
	b = peer.Frame(b, ws.NewFrame(ws.OpContinuation, false, nil))
	b = peer.Frame(b, ws.NewFrame(ws.OpContinuation, true, []byte("ment")))
	for i := range b {
		peer.Send(t, conn, b[i:i+1])
	}
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	peer.Want(t, conn, ws.NewTextFrame([]byte("fragment")))
}

func bigMessage(t *testing.T, s Server) {
	payload := make([]byte, 5<<20)
	for i := range payload {
		payload[i] = byte(i >> 10)
	}
	half := len(payload) / 2
	for _, tc := range []struct {
		name string
		wire []byte
	}{
		{"one frame", peer.Frame(nil, ws.NewBinaryFrame(payload))},
		{"two frames", peer.Frame(peer.Frame(nil, ws.NewFrame(ws.OpBinary, false, payload[:half])), ws.NewFrame(ws.OpContinuation, true, payload[half:]))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn := peer.Open(t, s.Addr, ws.Dialer{})
			failed := make(chan error, 1)
			go func() {
				_, err := conn.Write(tc.wire)
				failed <- err
			}()
			peer.Want(t, conn, ws.NewBinaryFrame(payload))
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		})
	}
}

func pipelined(t *testing.T, s Server) {
	conn := peer.Open(t, s.Addr, ws.Dialer{})
	const frames = 16
	var b []byte
	for i := range frames {
		b = peer.Frame(b, ws.NewTextFrame(fmt.Append(nil, "frame ", i)))
	}
	peer.Send(t, conn, b)
	for i := range frames {
		peer.Want(t, conn, ws.NewTextFrame(fmt.Append(nil, "frame ", i)))
	}
}

// backpressure sends, without reading, much more than the kernel's buffers hold,
// and has to get stuck. That a slow server may be taken for one that has stopped
// reading can only let the test pass, never fail. Then it reads everything.
func backpressure(t *testing.T, s Server) {
	const most, size = 256 << 20, 64 << 10
	conn := peer.Open(t, s.Addr, ws.Dialer{})
	message := func(i int) ws.Frame {
		p := make([]byte, size)
		copy(p, fmt.Append(nil, "message ", i))
		return ws.NewBinaryFrame(p)
	}
	var rest []byte
	sent := 0
	for stuck := false; !stuck; sent++ {
		if sent*size > most {
			t.Fatalf("%d bytes were taken from a client that reads none", sent*size)
		}
		conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		b := peer.Frame(nil, message(sent))
		n, err := conn.Write(b)
		if e, ok := err.(net.Error); ok && e.Timeout() {
			stuck, rest = true, b[n:]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	conn.SetDeadline(time.Now().Add(peer.Patience))
	failed := make(chan error, 1)
	go func() {
		_, err := conn.Write(peer.Frame(rest, ws.NewCloseFrame(nil)))
		failed <- err
	}()
	for i := range sent {
		peer.Want(t, conn, message(i))
	}
	peer.Want(t, conn, ws.NewCloseFrame(nil))
	peer.WantEnd(t, conn)
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// vanishing ends connections at every stage, by a half-close or a reset.
func vanishing(t *testing.T, s Server) {
	request := []byte(peer.Request + "\r\n")
	whole := peer.Frame(nil, ws.NewTextFrame([]byte("hello")))
	for _, stage := range []struct {
		name      string
		open      bool
		send      []byte
		wantEchos int
	}{
		{"at once", false, nil, 0},
		{"inside the request", false, request[:40], 0},
		{"open", true, nil, 0},
		{"inside a header", true, whole[:1], 0},
		{"inside a payload", true, whole[:9], 0},
		{"inside a message", true, peer.Frame(nil, ws.NewFrame(ws.OpText, false, []byte("hel"))), 0},
		{"after a message", true, whole, 1},
	} {
		for _, end := range []string{"half-close", "reset"} {
			t.Run(stage.name+", "+end, func(t *testing.T) {
				conn := net.Conn(nil)
				if stage.open {
					conn = peer.Open(t, s.Addr, ws.Dialer{})
				} else {
					conn = peer.Connect(t, s.Addr)
				}
				WaitConns(t, s, 1)
				peer.Send(t, conn, stage.send)
				for range stage.wantEchos {
					peer.Want(t, conn, ws.NewTextFrame([]byte("hello")))
				}
				if tcp := conn.(*net.TCPConn); end == "reset" {
					tcp.SetLinger(0)
					tcp.Close()
				} else {
					tcp.CloseWrite()
					if _, err := io.ReadAll(tcp); err != nil {
						t.Error(err)
					}
				}
				WaitConns(t, s, 0)
			})
		}
	}
}

func closeCodes(t *testing.T, s Server) {
	closing := func(payload string) []byte { return peer.Frame(nil, ws.NewCloseFrame([]byte(payload))) }
	tooLong := ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: MaxMessage + 1})
	for _, tc := range []struct {
		name string
		send []byte
		want ws.StatusCode
	}{
		{"1000 is answered with 1000", closing("\x03\xe8bye"), 1000},
		{"3000 is answered with 3000", closing("\x0b\xb8"), 3000},
		{"no code is answered with none", closing(""), ws.StatusNoStatusRcvd},
		{"a code that is never sent", closing("\x03\xed"), 1002},
		{"half a code", closing("\x03"), 1002},
		{"a reason that is not UTF-8", closing("\x03\xe8\xff"), 1007},
		{"an unmasked frame", []byte("\x81\x05hello"), 1002},
		{"a reserved opcode", peer.Frame(nil, ws.NewFrame(3, true, nil)), 1002},
		{"a continuation of nothing", peer.Frame(nil, ws.NewFrame(ws.OpContinuation, true, nil)), 1002},
		{"a ping of 126 bytes", peer.Frame(nil, ws.NewPingFrame(make([]byte, 126))), 1002},
		{"text that is not UTF-8", peer.Frame(nil, ws.NewTextFrame([]byte("\xc3\x28"))), 1007},
		{"a message over the limit", tooLong, 1009},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn := peer.Open(t, s.Addr, ws.Dialer{})
			// What comes after is not read as frames, and its being there
			// does not reset the connection before the close frame is read.
			peer.Send(t, conn, append(tc.send, make([]byte, 200_000)...))
			peer.WantClose(t, conn, tc.want)
			conn.Close()
			WaitConns(t, s, 0)
		})
	}
}

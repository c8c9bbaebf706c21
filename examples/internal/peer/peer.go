// Package peer is the client that the tests of the examples share: it speaks
// by ws.Dial or in raw bytes, and never waits longer than Patience.
package peer

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// Patience bounds every wait. No verdict depends on it.
const Patience = 20 * time.Second

// Request is a correct opening handshake without its last line, so that
// further fields can be put after it.
const Request = "GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// Serve runs serve on a loopback port until the test ends and returns the
// address.
func Serve(t testing.TB, serve func(net.Listener) error) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		serve(l)
		close(ended)
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return l.Addr().String()
}

// Connect opens a connection that the test's end closes.
func Connect(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(Patience))
	return conn.(*net.TCPConn)
}

// Open connects and does the handshake with d.
func Open(t testing.TB, addr string, d ws.Dialer) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	conn, _, _, err := d.Dial(ctx, "ws://"+addr+"/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(Patience))
	return conn
}

// Exchange sends b as it stands and returns all that comes until the server
// closes the connection.
func Exchange(t testing.TB, addr string, b []byte) string {
	t.Helper()
	conn := Connect(t, addr)
	Send(t, conn, b)
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	return string(got)
}

// Send writes b.
func Send(t testing.TB, conn net.Conn, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

// Frame appends f, masked with a fresh key, to dst. f itself stays as it is.
func Frame(dst []byte, f ws.Frame) []byte { return ws.AppendFrame(dst, ws.MaskFrame(f)) }

// Want reads a frame and compares.
func Want(t testing.TB, conn io.Reader, want ws.Frame) {
	t.Helper()
	got, err := ws.ReadFrame(conn)
	if err != nil {
		t.Fatalf("want %v frame of %d bytes: %v", want.Header.OpCode, want.Header.Length, err)
	}
	if got.Header != want.Header || string(got.Payload) != string(want.Payload) {
		t.Fatalf("got %+v %.100q, want %+v %.100q", got.Header, got.Payload, want.Header, want.Payload)
	}
}

// WantClose reads a close frame with that code, and then the end.
func WantClose(t testing.TB, conn io.Reader, code ws.StatusCode) {
	t.Helper()
	f, err := ws.ReadFrame(conn)
	if err != nil || f.Header.OpCode != ws.OpClose {
		t.Fatalf("want close %d, got %+v, %v", uint16(code), f, err)
	}
	if got, _, err := ws.ParseClose(f.Payload); err != nil || got != code {
		t.Fatalf("want close %d, got %d, %v", uint16(code), uint16(got), err)
	}
	WantEnd(t, conn)
}

// WantEnd reads the end of the stream.
func WantEnd(t testing.TB, conn io.Reader) {
	t.Helper()
	var b [1]byte
	if n, err := conn.Read(b[:]); n != 0 || err != io.EOF {
		t.Fatalf("want the end, got %x, %v", b[:n], err)
	}
}

// WantEndOrReset is WantEnd where the other side may have ended the connection
// before it got what was sent last.
func WantEndOrReset(t testing.TB, conn io.Reader) {
	t.Helper()
	var b [1]byte
	n, err := conn.Read(b[:])
	if n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("want the end, got %x, %v", b[:n], err)
	}
}

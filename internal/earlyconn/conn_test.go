package earlyconn

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
)

// pair returns both ends of a connection over a network.
func pair(t *testing.T, network, addr string) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func TestWhatWasReadTooEarlyComesFirst(t *testing.T) {
	for name, connect := range map[string]func() (near, far net.Conn){
		"TCP":  func() (near, far net.Conn) { return pair(t, "tcp", "127.0.0.1:0") },
		"unix": func() (near, far net.Conn) { return pair(t, "unix", filepath.Join(t.TempDir(), "s")) },
		"pipe": func() (near, far net.Conn) { return net.Pipe() },
	} {
		for size := 1; size < 8; size++ {
			near, far := connect()
			conn := Wrap(near, []byte("early"))
			go func() {
				far.Write([]byte(" late"))
				far.Close()
			}()
			var got []byte
			for b := make([]byte, size); ; {
				if n, err := conn.Read(nil); n != 0 || err != nil {
					t.Fatalf("%s: a Read of nothing: %d, %v", name, n, err)
				}
				n, err := conn.Read(b)
				if got = append(got, b[:n]...); err != nil {
					break
				}
			}
			if string(got) != "early late" {
				t.Errorf("%s: read %q by %d bytes", name, got, size)
			}
		}
	}
}

func TestATLSConnectionStaysOne(t *testing.T) {
	near, _ := net.Pipe()
	conn := Wrap(tls.Client(near, &tls.Config{InsecureSkipVerify: true}), []byte("early"))
	if _, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); !ok {
		t.Error("it does not show the state of its TLS")
	}
	b := make([]byte, 9)
	if n, err := conn.Read(b); string(b[:n]) != "early" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
	if below, left := Take(conn); len(left) > 0 || below.(*tls.Conn) == nil {
		t.Errorf("%T, %q", below, left)
	}
}

// failing takes some bytes and fails then.
type failing int

func (f failing) Write(p []byte) (int, error) {
	return min(int(f), len(p)), errors.New("enough")
}

func TestWriteToBeginsWithWhatWasReadTooEarly(t *testing.T) {
	near, far := pair(t, "tcp", "127.0.0.1:0")
	conn := Wrap(near, []byte("early"))
	if n, err := conn.(io.WriterTo).WriteTo(failing(2)); n != 2 || err == nil {
		t.Errorf("a Writer that fails: %d, %v", n, err)
	}
	go func() {
		far.Write([]byte(" late"))
		far.Close()
	}()
	var got bytes.Buffer
	if n, err := conn.(io.WriterTo).WriteTo(&got); n != 8 || err != nil || got.String() != "rly late" {
		t.Errorf("%d, %v, %q", n, err, got.String())
	}
}

func TestCloseWrite(t *testing.T) {
	near, far := pair(t, "tcp", "127.0.0.1:0")
	for name, conn := range map[string]net.Conn{
		"TCP":        Wrap(near, nil),
		"wrapped":    Wrap(struct{ *net.TCPConn }{near.(*net.TCPConn)}, nil),
		"wrapped on": Wrap(Wrap(near, nil), nil),
	} {
		if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the peer reads %d, %v", n, err)
	}
	pipe, _ := net.Pipe()
	if err := Wrap(pipe, nil).(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a pipe: %v", err)
	}
}

func TestTakesVectors(t *testing.T) {
	pipe, _ := net.Pipe()
	for _, tc := range []struct {
		w    io.Writer
		want bool
	}{
		{new(net.TCPConn), true},
		{new(net.UnixConn), true},
		{Wrap(new(net.TCPConn), nil), true},
		{Wrap(new(net.UnixConn), nil), true},
		{pipe, false},
		{Wrap(pipe, nil), false},
		{new(bytes.Buffer), false},
	} {
		if got := TakesVectors(tc.w); got != tc.want {
			t.Errorf("%T: %v", tc.w, got)
		}
	}
}

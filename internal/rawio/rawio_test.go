//go:build unix

package rawio_test

import (
	"bytes"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/wirews/wirews/internal/rawio"
)

func pair(t *testing.T) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

func raw(t *testing.T, c *net.TCPConn) syscall.RawConn {
	t.Helper()
	r, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadSaysThatItWouldWaitAndThatItHasEnded(t *testing.T) {
	a, b := pair(t)
	var n int
	var e syscall.Errno
	p := make([]byte, 8)
	raw(t, b).Read(func(fd uintptr) bool { n, e = rawio.Read(fd, p, false); return true })
	if n != 0 || !rawio.Again(e) {
		t.Errorf("nothing there: %d, %v", n, e)
	}
	io.WriteString(a, "Hello")
	raw(t, b).Read(func(fd uintptr) bool { n, e = rawio.Read(fd, p, true); return !rawio.Again(e) })
	if e != 0 || string(p[:n]) != "Hello" {
		t.Errorf("%q, %v", p[:n], e)
	}
	a.CloseWrite()
	raw(t, b).Read(func(fd uintptr) bool { n, e = rawio.Read(fd, p, true); return !rawio.Again(e) })
	if n != 0 || e != 0 {
		t.Errorf("at the end: %d, %v", n, e)
	}
}

func TestWritesArriveInOrder(t *testing.T) {
	a, b := pair(t)
	var want []byte
	write := func(p, q []byte) {
		raw(t, a).Write(func(fd uintptr) bool {
			var n int
			var e syscall.Errno
			if q == nil {
				n, e = rawio.Write(fd, p)
			} else {
				n, e = rawio.WriteTwo(fd, p, q)
			}
			if e != 0 || n != len(p)+len(q) {
				t.Errorf("%d, %v, want %d bytes", n, e, len(p)+len(q))
			}
			return true
		})
		want = append(append(want, p...), q...)
	}
	write([]byte("one"), nil)
	write([]byte("two"), []byte("three"))
	write(bytes.Repeat([]byte("x"), 1000), bytes.Repeat([]byte("y"), 3000))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(b, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %d bytes differ from what was written", err, len(got))
	}
}

func TestErrorsOfTheSystemComeBack(t *testing.T) {
	for _, woken := range []bool{false, true} {
		if n, e := rawio.Read(^uintptr(0)>>1, make([]byte, 1), woken); n != 0 || e != syscall.EBADF {
			t.Errorf("%d, %v", n, e)
		}
	}
}

//go:build linux

package wspoll

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// A descriptor that is taken is one of our own: net's is closed, and ours neither
// blocks nor is inherited by programs that are started, whatever net's was like.
func TestADescriptorThatIsTakenNeitherBlocksNorIsInherited(t *testing.T) {
	e, err := newEpoll()
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { // as somebody may have left it
		unix.SetNonblock(int(fd), false)
		unix.FcntlInt(fd, unix.F_SETFD, 0)
	})
	h, err := e.adopt(conn)
	if err != nil {
		t.Fatal(err)
	}
	defer e.release(h)
	if flags, err := unix.FcntlInt(uintptr(h), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("flags %#x, %v: it blocks", flags, err)
	}
	if flags, err := unix.FcntlInt(uintptr(h), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %#x, %v: it is inherited", flags, err)
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("net's descriptor is still open")
	}
}

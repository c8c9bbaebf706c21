package differential

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/wirews/wirews/ws"
)

func init() { shells = append(shells, shell{"wspoll by epoll", byEpoll, isServer}) }

// byEpoll is byWspoll with a socket, which tells that there is something to read. How
// much is read at once is left to the kernel and to chance.
func byEpoll(t *testing.T, s setting, pieces [][]byte) outcome {
	ours, theirs := socketPair(t)
	defer ours.Close()
	o := take(t, s, theirs)
	for _, p := range pieces {
		if _, err := ours.Write(p); err != nil {
			break // it has ended already
		}
	}
	ours.CloseWrite()
	answers, err := io.ReadAll(ours)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) { // it has not read all
		t.Fatal(err)
	}
	<-o.closed
	o.answers = answersIn(t, ws.StateServerSide, answers)
	return o.outcome
}

func socketPair(t *testing.T) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socket")
		conn, err := net.FileConn(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = conn.(*net.UnixConn)
	}
	return ends[0], ends[1]
}

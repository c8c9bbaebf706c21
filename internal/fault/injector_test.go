//go:build linux && faults

package fault_test

import (
	"sync/atomic"
	"syscall"

	"github.com/wirews/wirews/internal/fault"
)

// short is a fault that is no error: the call transfers as little as it can.
const short syscall.Errno = 1 << 20

// injection has one system call fail: the one that comes after so many others of its
// kind.
type injection struct {
	call  fault.Call
	after int64
	errno syscall.Errno

	seen atomic.Int64
	made atomic.Bool // it has failed
}

func (i *injection) hook(c fault.Call, fd uintptr, size int) (int, syscall.Errno) {
	if c != i.call || i.seen.Add(1) != i.after+1 {
		return size, 0
	}
	i.made.Store(true)
	if i.errno == short || i.errno == syscall.EAGAIN {
		rearm(int(fd))
	}
	if i.errno == short {
		return min(size, 1), 0
	}
	return size, i.errno
}

// rearm has epoll report fd again. A system that returns EAGAIN, or less than was asked
// for, reports later that there is more (epoll(7)); here there is more all the time, and
// nothing would be an edge. Setting these options makes Linux look again.
func rearm(fd int) {
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, 1)
	if n, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF); err == nil {
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, n/2) // the system doubles what it is given
	}
}

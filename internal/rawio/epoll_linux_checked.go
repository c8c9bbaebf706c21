//go:build linux && (race || msan || asan)

package rawio

import (
	"syscall"

	"github.com/wirews/wirews/internal/fault"
)

// EpollWait collects what an epoll instance has to report, without waiting for
// anything. events must not be empty. The scheduler is told of each call.
func EpollWait(fd uintptr, events []syscall.EpollEvent, _ bool) (n int, e Errno) {
	for {
		size, e := fault.Before(fault.EpollWait, fd, len(events))
		if e == 0 {
			n, err := syscall.EpollWait(int(fd), events[:size], 0)
			if err == nil {
				return n, 0
			}
			e, _ = err.(syscall.Errno)
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

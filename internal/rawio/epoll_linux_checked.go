//go:build linux && (race || msan || asan)

package rawio

import "syscall"

// EpollWait collects what an epoll instance has to report, without waiting for
// anything. events must not be empty.
func EpollWait(fd uintptr, events []syscall.EpollEvent) (n int, e Errno) {
	for {
		n, err := syscall.EpollWait(int(fd), events, 0)
		if err == nil {
			return n, 0
		}
		if errno, ok := err.(syscall.Errno); !ok || errno != syscall.EINTR {
			return 0, errno
		}
	}
}

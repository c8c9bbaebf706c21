//go:build !race && !msan && !asan

package rawio

import (
	"syscall"
	"unsafe"

	"github.com/wirews/wirews/internal/fault"
)

// EpollWait collects what an epoll instance has to report, without waiting for
// anything. events must not be empty. woken says that the goroutine has just waited for
// the instance.
func EpollWait(fd uintptr, events []syscall.EpollEvent, woken bool) (n int, e Errno) {
	return call(fault.EpollWait, syscall.SYS_EPOLL_PWAIT, fd, unsafe.Pointer(unsafe.SliceData(events)), len(events), 0, woken)
}

package bench

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls in this file do not tell Go's scheduler that they are made, which
// is right for those that return at once. recvfrom(2) and sendto(2) on a socket
// cost less than read(2) and write(2).

// rawReceive reads what a socket has into b. No bytes and no error are the end.
func rawReceive(fd int, b []byte) (int, unix.Errno) {
	n, _, e := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT, 0, 0)
	return done(n, e)
}

// rawSend writes b, or the beginning of it.
func rawSend(fd int, b []byte) (int, unix.Errno) {
	n, _, e := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return done(n, e)
}

// timespec is the kernel's, which has 64 bits on every architecture.
type timespec struct{ seconds, nanoseconds int64 }

// rawWait waits for events.
func rawWait(epoll int, events []unix.EpollEvent, nanoseconds int64) (int, unix.Errno) {
	wait := timespec{nanoseconds / 1e9, nanoseconds % 1e9}
	n, _, e := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))),
		uintptr(len(events)), uintptr(unsafe.Pointer(&wait)), 0, 0)
	return done(n, e)
}

// rawWaitCoarse is rawWait for older kernels.
func rawWaitCoarse(epoll int, events []unix.EpollEvent, milliseconds int64) (int, unix.Errno) {
	n, _, e := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))),
		uintptr(len(events)), uintptr(milliseconds), 0, 0)
	return done(n, e)
}

func done(n uintptr, e syscall.Errno) (int, unix.Errno) {
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

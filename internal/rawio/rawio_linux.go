//go:build linux && !race && !msan && !asan

package rawio

import (
	"syscall"
	"unsafe"
)

// Supported says that Read, Write and WriteTwo work.
const Supported = true

// Read reads into p, which must not be empty. No bytes and no error are the end.
func Read(fd uintptr, p []byte) (n int, e Errno) {
	return call(receive, fd, unsafe.Pointer(unsafe.SliceData(p)), len(p), syscall.MSG_DONTWAIT)
}

// Write writes p or the beginning of it.
func Write(fd uintptr, p []byte) (n int, e Errno) {
	return call(send, fd, unsafe.Pointer(unsafe.SliceData(p)), len(p), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
}

// WriteTwo writes a and b behind it, or the beginning of that, in one call.
func WriteTwo(fd uintptr, a, b []byte) (n int, e Errno) {
	vec := [2]syscall.Iovec{{Base: unsafe.SliceData(a)}, {Base: unsafe.SliceData(b)}}
	vec[0].SetLen(len(a))
	vec[1].SetLen(len(b))
	return call(syscall.SYS_WRITEV, fd, unsafe.Pointer(&vec), len(vec), 0)
}

func call(trap, fd uintptr, p unsafe.Pointer, size, flags int) (int, Errno) {
	for {
		n, _, e := syscall.RawSyscall6(trap, fd, uintptr(p), uintptr(size), uintptr(flags), 0, 0)
		if e == 0 {
			return int(n), 0
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

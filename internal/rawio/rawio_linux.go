//go:build linux && !race && !msan && !asan

package rawio

import (
	"syscall"
	"unsafe"

	"github.com/wirews/wirews/internal/fault"
)

// Supported says that Read, Write and WriteTwo work.
const Supported = true

// Read reads into p, which must not be empty. No bytes and no error are the end. woken
// says that the goroutine has just waited for the socket.
func Read(fd uintptr, p []byte, woken bool) (n int, e Errno) {
	return call(fault.Recv, receive, fd, unsafe.Pointer(unsafe.SliceData(p)), len(p), syscall.MSG_DONTWAIT, woken)
}

// Write writes p or the beginning of it.
func Write(fd uintptr, p []byte) (n int, e Errno) {
	return call(fault.Send, send, fd, unsafe.Pointer(unsafe.SliceData(p)), len(p), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, false)
}

// WriteTwo writes a and b behind it, or the beginning of that, in one call.
func WriteTwo(fd uintptr, a, b []byte) (n int, e Errno) {
	vec := [2]syscall.Iovec{{Base: unsafe.SliceData(a)}, {Base: unsafe.SliceData(b)}}
	vec[0].SetLen(len(a))
	vec[1].SetLen(len(b))
	return call(fault.Writev, syscall.SYS_WRITEV, fd, unsafe.Pointer(&vec), len(vec), 0, false)
}

// awake is set by each goroutine that has waited for a socket.
var awake alarm

func call(name fault.Call, trap, fd uintptr, p unsafe.Pointer, size, flags int, woken bool) (int, Errno) {
	tell := woken && !awake.set()
	for {
		size, e := fault.Before(name, fd, size)
		if e == 0 {
			var n uintptr
			if tell {
				n, _, e = syscall.Syscall6(trap, fd, uintptr(p), uintptr(size), uintptr(flags), 0, 0)
			} else {
				n, _, e = syscall.RawSyscall6(trap, fd, uintptr(p), uintptr(size), uintptr(flags), 0, 0)
			}
			if e == 0 {
				return int(n), 0
			}
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

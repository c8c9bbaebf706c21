//go:build unix && (!linux || race || msan || asan)

package rawio

import (
	"syscall"

	"github.com/wirews/wirews/internal/fault"
)

// Supported says that Read, Write and WriteTwo work.
const Supported = true

// Read reads into p, which must not be empty. No bytes and no error are the end. The
// scheduler is told of each call.
func Read(fd uintptr, p []byte, _ bool) (n int, e Errno) {
	return call(fault.Recv, syscall.Read, fd, p)
}

// Write writes p or the beginning of it.
func Write(fd uintptr, p []byte) (n int, e Errno) { return call(fault.Send, syscall.Write, fd, p) }

// WriteTwo writes a and b behind it, or the beginning of that.
func WriteTwo(fd uintptr, a, b []byte) (n int, e Errno) {
	if n, e = Write(fd, a); e != 0 || n < len(a) {
		return n, e
	}
	m, e := Write(fd, b)
	if e != 0 {
		return n, 0 // the next call finds it again
	}
	return n + m, 0
}

// call uses package syscall, which tells the race detector what memory is
// touched, and that what was written happens before what is read of it.
func call(name fault.Call, f func(int, []byte) (int, error), fd uintptr, p []byte) (int, Errno) {
	for {
		size, e := fault.Before(name, fd, len(p))
		if e == 0 {
			n, err := f(int(fd), p[:size])
			if err == nil {
				return n, 0
			}
			var ok bool
			if e, ok = err.(syscall.Errno); !ok {
				return 0, syscall.EIO
			}
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}

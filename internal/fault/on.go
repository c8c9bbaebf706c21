//go:build unix && faults

package fault

import (
	"sync/atomic"
	"syscall"
)

// Hook decides about one system call: how much it may transfer, which is at most
// size, and whether it fails instead of being made. fd is the descriptor that the
// call is about, if there is one already. Any goroutine may call it.
type Hook func(c Call, fd uintptr, size int) (int, syscall.Errno)

var hook atomic.Pointer[Hook]

// Set lets h decide about all system calls from now on; nil lets all of them be made.
func Set(h Hook) {
	if h == nil {
		hook.Store(nil)
		return
	}
	hook.Store(&h)
}

// Before is asked before each system call.
func Before(c Call, fd uintptr, size int) (int, syscall.Errno) {
	if h := hook.Load(); h != nil {
		return (*h)(c, fd, size)
	}
	return size, 0
}

// Instead is Before for a call that transfers nothing: nil, or the error of a call
// that is not to be made.
func Instead(c Call, fd uintptr) error {
	if _, e := Before(c, fd, 0); e != 0 {
		return e
	}
	return nil
}

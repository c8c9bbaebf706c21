//go:build unix

package rawio

import "syscall"

// Errno is an error of the system. Zero is none.
type Errno = syscall.Errno

// Again reports whether an error says that the call would have to wait.
func Again(e Errno) bool { return e == syscall.EAGAIN || e == syscall.EWOULDBLOCK }

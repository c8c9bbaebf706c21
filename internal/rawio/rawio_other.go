//go:build !unix

package rawio

// Supported says that Read, Write and WriteTwo work.
const Supported = false

// Errno is an error of the system. Zero is none.
type Errno uintptr

// Error returns the text of the error.
func (Errno) Error() string { return "rawio: not on this system" }

// Again reports whether an error says that the call would have to wait.
func Again(Errno) bool { return false }

// Read is not to be called.
func Read(uintptr, []byte, bool) (int, Errno) { return 0, 1 }

// Write is not to be called.
func Write(uintptr, []byte) (int, Errno) { return 0, 1 }

// WriteTwo is not to be called.
func WriteTwo(fd uintptr, a, b []byte) (int, Errno) { return 0, 1 }

package wspoll

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const canReusePort = true

// reusePort lets several listeners have the same port.
func reusePort(_, _ string, c syscall.RawConn) (err error) {
	cerr := c.Control(func(fd uintptr) {
		err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	})
	if cerr != nil {
		return cerr
	}
	return err
}

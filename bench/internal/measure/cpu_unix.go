//go:build unix

package measure

import (
	"syscall"
	"time"
)

// CPUTime returns how long this process has been running on any processor: collections
// are in it, and what other processes do is not. It is 0 where the system does not tell.
func CPUTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

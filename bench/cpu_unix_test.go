//go:build unix

package bench_test

import (
	"syscall"
	"time"
)

// processTime returns how long this process has been running on any processor:
// collections are in it, and what other processes do is not.
func processTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

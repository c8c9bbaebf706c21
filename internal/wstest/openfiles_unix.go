//go:build unix

package wstest

import "syscall"

// openFiles raises the limit on open files to want, as far as that goes, and
// returns what it is.
func openFiles(want int) int {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) != nil {
		return 256
	}
	raised := lim
	atLeast(&raised.Cur, want)
	atLeast(&raised.Max, want)
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
		lim = raised
	}
	return int(min(lim.Cur, 1<<20))
}

// atLeast is for a field that has not the same type everywhere.
func atLeast[T int64 | uint64](n *T, want int) { *n = max(*n, T(want)) }

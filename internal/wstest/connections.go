package wstest

import "testing"

// spare are the open files of a test process that are no connections.
const spare = 200

// Connections returns how many connections, up to most, a test may have open at both
// ends. It raises the limit on open files for that as far as it may, and skips the test if
// that leaves fewer than least.
func Connections(t testing.TB, least, most int) int {
	t.Helper()
	n := min(most, (openFiles(2*most+spare)-spare)/2)
	if n < least {
		t.Skipf("%d connections may be open here (ulimit -n), and this test needs %d", n, least)
	}
	return n
}

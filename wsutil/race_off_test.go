//go:build !race

package wsutil_test

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = false

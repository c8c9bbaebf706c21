//go:build !race

package httpx_test

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = false

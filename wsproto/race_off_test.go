//go:build !race

package wsproto_test

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = false

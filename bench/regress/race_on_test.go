//go:build race

package regress_test

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = true

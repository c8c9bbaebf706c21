//go:build race

package ws_test

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = true

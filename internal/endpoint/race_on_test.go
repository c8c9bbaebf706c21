//go:build race

package endpoint

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = true

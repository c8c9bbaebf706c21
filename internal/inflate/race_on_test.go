//go:build race

package inflate

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = true

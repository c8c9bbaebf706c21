//go:build race

package wsflate

// raceEnabled: the race detector allocates on its own account.
const raceEnabled = true

//go:build race

package guides

// raceEnabled: the race detector finds races of others, too.
const raceEnabled = true

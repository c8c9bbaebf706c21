//go:build !race

package wspoll

// RaceEnabled says that the race detector allocates too.
const RaceEnabled = false

//go:build (!amd64 && !arm64) || !gc || purego

package utf8check

const useVector = false

const minVector = 0

func prefixVector(*byte, int) int { panic("utf8check: there are no vectors") }

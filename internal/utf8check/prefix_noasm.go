//go:build (!amd64 && !arm64) || !gc || purego

package utf8check

// prefix is prefixRunes for more than maxShort bytes.
func prefix(p []byte) int { return prefixRunes(p) }

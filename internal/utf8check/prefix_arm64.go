//go:build gc && !purego

package utf8check

// prefix is prefixRunes for more than maxShort bytes.
func prefix(p []byte) int { return prefixNEON(&p[0], len(p)) }

//go:noescape
func prefixNEON(p *byte, n int) int

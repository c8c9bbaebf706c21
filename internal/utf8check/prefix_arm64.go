//go:build gc && !purego

package utf8check

const useVector = true

// minVector is the least size, in bytes, that prefixVector takes.
const minVector = 32

// prefixVector is prefixRunes for minVector bytes and more.
func prefixVector(p *byte, n int) int { return prefixNEON(p, n) }

//go:noescape
func prefixNEON(p *byte, n int) int

//go:build gc && !purego

package utf8check

import "golang.org/x/sys/cpu"

// These are set once: a branch on them is always predicted, and unlike a
// function variable they let the compiler see that nothing escapes.
var (
	useAVX2  = cpu.X86.HasAVX2
	useSSSE3 = cpu.X86.HasSSSE3
)

// prefix is prefixRunes for more than maxShort bytes.
func prefix(p []byte) int {
	switch {
	case useAVX2:
		return prefixAVX2(&p[0], len(p))
	case useSSSE3:
		return prefixSSSE3(&p[0], len(p))
	}
	return prefixRunes(p)
}

//go:noescape
func prefixAVX2(p *byte, n int) int

//go:noescape
func prefixSSSE3(p *byte, n int) int

//go:build gc && !purego

package utf8check

import "golang.org/x/sys/cpu"

// useVector is set once: a branch on it is always predicted, and unlike a
// function variable it lets the compiler see that nothing escapes.
var useVector = cpu.X86.HasSSSE3

//lint:ignore U1000 prefixVector reads it
var useAVX2 = cpu.X86.HasAVX2

// minVector is the least size, in bytes, that prefixVector takes.
const minVector = 19

// prefixVector is prefixRunes for minVector bytes and more. It chooses between
// the kernels below by itself, because with one call it can be inlined.
//
//go:noescape
func prefixVector(p *byte, n int) int

//go:noescape
func prefixAVX2(p *byte, n int) int

//go:noescape
func prefixSSSE3(p *byte, n int) int

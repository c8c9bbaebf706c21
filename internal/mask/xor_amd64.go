//go:build gc && !purego

package mask

import "golang.org/x/sys/cpu"

// useAVX2 is set once: a branch on it is always predicted, and unlike a
// function variable it lets the compiler see that nothing escapes.
//
//lint:ignore U1000 xorVector reads it
var useAVX2 = cpu.X86.HasAVX2

// xorLong is XOR for more than maxShort bytes; dst is as long as src.
func xorLong(dst, src []byte, key uint32) { xorVector(&dst[0], &src[0], len(src), key) }

// xorVector chooses between the kernels below by itself: with one call
// xorLong can be inlined.
//
//go:noescape
func xorVector(dst, src *byte, n int, key uint32)

//go:noescape
func xorAVX2(dst, src *byte, n int, key uint32)

//go:noescape
func xorSSE2(dst, src *byte, n int, key uint32)

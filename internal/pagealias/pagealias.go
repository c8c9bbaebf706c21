// Package pagealias keeps the kernel from copying slowly what a socket sends
// and receives. Linux copies by "rep movsb". On AMD's Zen 3 and 4, that takes two
// to six times as long if the destination lies 1 to 15 bytes behind the source,
// whole pages not counted. (BenchmarkRead shows it; glibc has given it up
// there, see its bug 30994.)
//
// Where the kernel has its bytes is not for a program to know, but to guess:
// it begins with a fresh page for what is sent, and goes on there. So what is
// sent from, or received into, the beginning of a page, which is where the
// allocator puts everything large, lies just as far from the kernel's bytes as
// the headers of a few frames are long: within those 15 bytes.
package pagealias

import (
	"slices"
	"sync/atomic"
	"unsafe"
)

// HalfPage is how far, in bytes, a buffer for a socket should begin behind the
// beginning of a page: as far away as possible.
const HalfPage = PageSize / 2

// PageSize is that of the processors that all this is about, in bytes.
const PageSize = 4096

const (
	worst = 15 // bytes between the two, for which a copy is slow
	ahead = 64 // bytes that may have been sent before
)

// Make returns an empty slice for n bytes that are to be sent. If they are many,
// it begins in the middle of a page, or not more than a quarter of one away.
func Make(n int) []byte {
	if n < PageSize {
		return make([]byte, 0, n)
	}
	b := make([]byte, HalfPage+n)
	if at := address(b) % PageSize; at >= HalfPage/2 && at < HalfPage+HalfPage/2 {
		return b[:0:n]
	}
	return b[HalfPage:HalfPage]
}

// Grow returns b with room for n more bytes, which may be sent: in new memory, it
// is Make's where that helps. Behind nil that is room for no more than n.
func Grow(b []byte, n int) []byte {
	size := len(b) + n
	switch {
	case b == nil && (n < PageSize || !Affected.Load()):
		return make([]byte, 0, n)
	case size <= cap(b):
		return b
	case size < PageSize || !Affected.Load():
		return slices.Grow(b, n)
	}
	return append(Make(max(size, cap(b)+cap(b)/4)), b...)
}

// Affected says that this processor is one of those. Tests set it.
var Affected atomic.Bool

func init() { Affected.Store(affected()) }

// Slow reports whether it takes the kernel much longer to copy p for sending,
// behind so many bytes sent before, than to copy p to a buffer and send that.
func Slow(p []byte, behind int) bool {
	return Affected.Load() && aliased(address(p), uintptr(behind))
}

func address(p []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(p))) }

// aliased is Slow for any processor.
func aliased(p, behind uintptr) bool {
	return (behind-p+ahead)%PageSize <= worst+ahead
}

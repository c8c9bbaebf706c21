package wstest

import (
	"fmt"
	"iter"
)

// Splits yields ways for b to arrive, each with its name: whole, byte by byte,
// and cut in two at every place.
func Splits(b []byte) iter.Seq2[string, [][]byte] {
	return func(yield func(string, [][]byte) bool) {
		single := make([][]byte, len(b))
		for i := range b {
			single[i] = b[i : i+1 : i+1]
		}
		if !yield("whole", [][]byte{b}) || !yield("byte by byte", single) {
			return
		}
		for i := 1; i < len(b); i++ {
			if !yield(fmt.Sprintf("split at %d", i), [][]byte{b[:i:i], b[i:]}) {
				return
			}
		}
	}
}

// Grow yields what has arrived after each of the pieces. Every slice has memory
// of its own with no room behind it, so that nothing can be kept of the one
// before and reading too far is found out.
func Grow(pieces [][]byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var got []byte
		for _, p := range pieces {
			next := make([]byte, len(got)+len(p))
			copy(next[copy(next, got):], p)
			got = next
			if !yield(got[:len(got):len(got)]) {
				return
			}
		}
	}
}

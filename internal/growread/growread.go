// Package growread reads a declared number of bytes into a buffer that grows
// with what arrives.
package growread

import (
	"errors"
	"io"
	"math"
	"slices"
)

// First is what to allocate for a payload before any of it has arrived, at
// most. Beyond that the buffer doubles with what really came, so that a peer
// has to send a byte for every two that it makes us hold.
const First = 32 << 10

// ErrTooLarge says that the address space is too small.
var ErrTooLarge = errors.New("wirews: payload is longer than this machine can address")

// Append reads n bytes from r behind dst. It uses the capacity of dst, then
// allocates at most first bytes, and no more than that or what has arrived at
// a time. The result holds what has arrived; the error is
// io.ErrUnexpectedEOF if r ends before the last byte, ErrTooLarge, or one of r.
func Append(dst []byte, r io.Reader, n int64, first int) ([]byte, error) {
	if n > math.MaxInt-int64(len(dst)) {
		return dst, ErrTooLarge
	}
	for n > 0 {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, int(min(n, int64(max(first, len(dst))))))
		}
		room := dst[len(dst):min(int64(cap(dst)), int64(len(dst))+n)]
		k, err := io.ReadFull(r, room)
		dst, n = dst[:len(dst)+k], n-int64(k)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

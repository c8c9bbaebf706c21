// Package growread reads a declared number of bytes into a buffer that grows
// with what arrives.
package growread

import (
	"errors"
	"io"
	"math"
	"slices"

	"github.com/wirews/wirews/internal/checkedio"
)

// First is what to allocate for a payload before any of it has arrived, at
// most. Beyond that the buffer doubles with what really came, so that a peer
// has to send a byte for every two that it makes us hold.
const First = 32 << 10

// ErrTooLarge says that the address space is too small.
var ErrTooLarge = errors.New("wirews: payload is longer than this machine can address")

// ReadAppend appends n bytes from r to dst. It uses the capacity of dst, then
// allocates at most first bytes, and no more than that or what has arrived at
// a time. The result holds what has arrived; the error is
// io.ErrUnexpectedEOF if r ends before the last byte, ErrTooLarge, or one of r.
func ReadAppend(dst []byte, r io.Reader, n int64, first int) ([]byte, error) {
	if n > math.MaxInt-int64(len(dst)) {
		return dst, ErrTooLarge
	}
	// NOTE: what most payloads are: short, and read into memory of their own. make
	// takes two thirds of what slices.Grow does.
	if cap(dst) == 0 && 0 < n && n <= int64(first) {
		dst = make([]byte, n)
		k, err := checkedio.ReadFull(r, dst)
		return dst[:k], unexpected(err)
	}
	for n > 0 {
		start := len(dst)
		var err error
		if dst, err = read(dst, r, n, first, math.MaxInt); err != nil {
			return dst, err
		}
		n -= int64(len(dst) - start)
	}
	return dst, nil
}

// ReadAppendSome reads what has arrived of n bytes, at least one: what ReadAppend
// does, in steps.
func ReadAppendSome(dst []byte, r io.Reader, n int64, first int) ([]byte, error) {
	if n > math.MaxInt-int64(len(dst)) {
		return dst, ErrTooLarge
	}
	return read(dst, r, n, first, 1)
}

// read makes room for some of n bytes, and reads so many of them at least or
// fills it.
func read(dst []byte, r io.Reader, n int64, first, least int) ([]byte, error) {
	if len(dst) == cap(dst) {
		dst = slices.Grow(dst, int(min(n, int64(max(first, len(dst))))))
	}
	room := dst[len(dst):min(int64(cap(dst)), int64(len(dst))+n)]
	k, err := checkedio.ReadAtLeast(r, room, min(least, len(room)))
	return dst[:len(dst)+k], unexpected(err)
}

// unexpected is err for whoever expects more bytes.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

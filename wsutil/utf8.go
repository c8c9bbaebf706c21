package wsutil

import (
	"io"
	"unicode/utf8"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/utf8check"
)

// UTF8Reader reads from Source and fails at the first byte that cannot be
// part of valid UTF-8, across any number of Reads. The zero value with a
// Source is ready. Readers of whole texts must ask Valid in the end: it is
// false if the text ends inside a rune.
type UTF8Reader struct {
	Source io.Reader

	check    utf8check.Validator
	accepted int
	failed   bool
}

// NewUTF8Reader returns a [UTF8Reader] over r.
func NewUTF8Reader(r io.Reader) *UTF8Reader { return &UTF8Reader{Source: r} }

// Reset makes u as NewUTF8Reader(r) would.
func (u *UTF8Reader) Reset(r io.Reader) { *u = UTF8Reader{Source: r} }

// Read reads from Source. If a byte is bad, it returns [ErrInvalidUTF8] with the
// number of bytes up to the end of the last whole rune before it, and from then
// on with 0. A rune that is not complete yet is returned as it comes: n counts
// it, and Accepted does not.
func (u *UTF8Reader) Read(p []byte) (n int, err error) {
	if u.failed {
		u.accepted = 0
		return 0, ErrInvalidUTF8
	}
	n, err = checkedio.ReadSome(u.Source, p)
	before := u.check
	good, ok := u.check.Next(p[:n])
	if !ok {
		u.failed = true
		u.check = before
		u.check.Next(p[:good])
	}
	u.accepted = good
	if !u.check.Complete() {
		u.accepted = startOfRune(p[:good])
	}
	if !ok {
		return u.accepted, ErrInvalidUTF8
	}
	return n, err
}

// startOfRune returns where the rune begins that p ends inside of, or 0 if it
// begins before p.
func startOfRune(p []byte) int {
	for i := len(p) - 1; i > 0; i-- {
		if utf8.RuneStart(p[i]) {
			return i
		}
	}
	return 0
}

// Valid reports whether everything read so far is UTF-8 that may end here.
func (u *UTF8Reader) Valid() bool { return !u.failed && u.check.Complete() }

// Accepted returns how many bytes of the last Read are whole runes, of which
// the first may have begun before.
func (u *UTF8Reader) Accepted() int { return u.accepted }

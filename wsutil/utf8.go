package wsutil

import (
	"io"

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

// NewUTF8Reader returns a UTF8Reader over r.
func NewUTF8Reader(r io.Reader) *UTF8Reader { return &UTF8Reader{Source: r} }

// Reset makes u as NewUTF8Reader(r) would.
func (u *UTF8Reader) Reset(r io.Reader) { *u = UTF8Reader{Source: r} }

// Read reads from Source. At the first bad byte it returns the number of bytes
// before it and ErrInvalidUTF8, and so does every further call with 0.
func (u *UTF8Reader) Read(p []byte) (n int, err error) {
	if u.failed {
		u.accepted = 0
		return 0, ErrInvalidUTF8
	}
	n, err = checkedio.ReadSome(u.Source, p)
	good, ok := u.check.Next(p[:n])
	u.accepted = good
	if !ok {
		u.failed = true
		return good, ErrInvalidUTF8
	}
	return n, err
}

// Valid reports whether everything read so far is UTF-8 that may end here.
func (u *UTF8Reader) Valid() bool { return !u.failed && u.check.Complete() }

// Accepted returns how many bytes of the last Read can be part of UTF-8.
func (u *UTF8Reader) Accepted() int { return u.accepted }

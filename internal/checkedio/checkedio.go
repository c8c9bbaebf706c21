// Package checkedio holds an io.Reader or io.Writer of somebody else to its
// contract. What breaks it gives an error within a bounded number of calls, and
// never a panic, a loop or the loss of bytes.
package checkedio

import (
	"fmt"
	"io"
)

// MaxEmptyReads is how often in a row a Reader may return neither bytes nor an
// error. It is the number of package bufio.
const MaxEmptyReads = 100

// CountError says that a Read or a Write has returned a number of bytes that
// cannot be: less than 0, or more than it was given. How many bytes have gone
// over the wire is not known then, and the connection has to be closed.
type CountError struct {
	Op    string // "Read" or "Write"
	Type  string // whose it is
	Count int    // what was returned
	Len   int    // of the slice
	// Err is the error that was returned with it, or nil. Unwrap does not
	// return it: an io.EOF is no end in good order here.
	Err error
}

// Error returns a text with all of that.
func (e *CountError) Error() string {
	s := fmt.Sprintf("ws: %s of %s has returned %d for %d bytes; %s allows 0 to %[4]d", e.Op, e.Type, e.Count, e.Len, e.contract())
	if e.Err != nil {
		s += "; the error with it: " + e.Err.Error()
	}
	return s
}

func (e *CountError) contract() string {
	if e.Op == "Read" {
		return "io.Reader"
	}
	return "io.Writer"
}

// Wrong makes a *CountError of what x has returned for size bytes. It is for those
// that call the method of x themselves: to make an io.Reader or io.Writer of another
// interface takes about a hundred instructions.
//
//go:noinline
func Wrong(op string, x any, n, size int, err error) error {
	return &CountError{Op: op, Type: fmt.Sprintf("%T", x), Count: n, Len: size, Err: err}
}

// Read reads once. It returns no bytes with a *CountError.
func Read(r io.Reader, p []byte) (n int, err error) {
	n, err = r.Read(p)
	if uint(n) > uint(len(p)) {
		return 0, Wrong("Read", r, n, len(p), err)
	}
	return n, err
}

// ReadSome reads at least one byte, or returns an error: io.ErrNoProgress after
// MaxEmptyReads reads without either. Bytes and an error may come together, as
// from any Reader. If p is empty, it reads once.
func ReadSome(r io.Reader, p []byte) (n int, err error) { return readSome(r, p, MaxEmptyReads) }

func readSome(r io.Reader, p []byte, tries int) (n int, err error) {
	for range tries {
		if n, err = Read(r, p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// ReadAtLeast is io.ReadAtLeast with the errors of ReadSome.
func ReadAtLeast(r io.Reader, p []byte, least int) (n int, err error) {
	switch {
	case len(p) < least:
		return 0, io.ErrShortBuffer
	case least <= 0:
		return 0, nil
	}
	// NOTE: nearly always, one read brings all of it, and is all there is to do.
	if n, err = r.Read(p); n >= least && n <= len(p) {
		return n, nil
	} else if uint(n) > uint(len(p)) {
		return 0, Wrong("Read", r, n, len(p), err)
	}
	tries := MaxEmptyReads
	if n == 0 {
		tries--
	}
	for n < least && err == nil {
		var k int
		k, err = readSome(r, p[n:], tries)
		n, tries = n+k, MaxEmptyReads
	}
	switch {
	case n >= least:
		return n, nil
	case n > 0 && err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadFull is io.ReadFull with the errors of ReadSome.
func ReadFull(r io.Reader, p []byte) (n int, err error) { return ReadAtLeast(r, p, len(p)) }

// Write writes p by one call. It returns io.ErrShortWrite if that has taken
// less without saying why, and no bytes with a *CountError.
func Write(w io.Writer, p []byte) (n int, err error) {
	n, err = w.Write(p)
	return written(w, n, len(p), err)
}

// WriteString is io.WriteString with the errors of Write.
func WriteString(w io.Writer, s string) (n int, err error) {
	n, err = io.WriteString(w, s)
	return written(w, n, len(s), err)
}

func written(w io.Writer, n, size int, err error) (int, error) {
	if n == size {
		return n, err
	}
	if uint(n) > uint(size) {
		return 0, Wrong("Write", w, n, size, err)
	}
	if err == nil {
		err = io.ErrShortWrite
	}
	return n, err
}

// Reader is an io.Reader whose Read is ReadSome, for what relies on contracts
// itself.
type Reader struct{ R io.Reader }

// Read reads from r.R.
func (r Reader) Read(p []byte) (int, error) { return ReadSome(r.R, p) }

// Writer is an io.Writer whose Write is Write of this package.
type Writer struct{ W io.Writer }

// Write writes to w.W.
func (w Writer) Write(p []byte) (int, error) { return Write(w.W, p) }

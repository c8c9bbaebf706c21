package wsflate

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
)

// Decompressor decompresses what it reads from the source that it was made
// with. If it is a [ReadResetter], it is used again for the next message; if it
// is an io.Closer, [Reader.Close] closes it.
type Decompressor interface {
	io.Reader
}

// ReadResetter is implemented by a Decompressor that can be used again.
type ReadResetter interface {
	Reset(io.Reader)
}

// Reader decompresses a message that it reads from a source up to its end,
// with a Decompressor of any make: it lets that read after the message what
// is not sent (RFC 7692, section 7.2.2). A Decoder needs no Reader, but can be
// used with one:
//
//	r := wsflate.NewReader(nil, decoder.Decompressor)
//
// The source is asked for no more than the Decompressor wants. A Reader must
// not be used by two goroutines at once.
type Reader struct {
	ctor func(io.Reader) Decompressor
	d    Decompressor
	src  tailedByteReader
	err  error
}

// NewReader returns a [Reader] of r that decompresses with what ctor returns. It
// calls ctor at once, and again for each Reset unless that is a [ReadResetter].
func NewReader(r io.Reader, ctor func(io.Reader) Decompressor) *Reader {
	fr := &Reader{ctor: ctor}
	fr.Reset(r)
	return fr
}

// Reset makes r ready for the message that src has to its end.
func (r *Reader) Reset(src io.Reader) {
	r.err = nil
	r.src.tailedReader = tailedReader{src, readerTail}
	var tailed io.Reader = &r.src.tailedReader
	if _, ok := src.(io.ByteReader); ok {
		tailed = &r.src
	}
	if x, ok := r.d.(ReadResetter); ok {
		x.Reset(tailed)
		return
	}
	r.d = r.ctor(tailed)
}

// Read reads decompressed bytes. It returns io.EOF at the end of the message.
// Any other error is returned by all calls up to Reset.
func (r *Reader) Read(p []byte) (n int, err error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err = checkedio.ReadSome(r.d, p)
	if err != io.EOF {
		r.err = err
	}
	return n, err
}

// Close closes the Decompressor, if that is an io.Closer. It does not close
// the source.
func (r *Reader) Close() error {
	if r.err != nil {
		return r.err
	}
	if c, ok := r.d.(io.Closer); ok {
		r.err = c.Close()
	}
	return r.err
}

// Err returns the error of Read or Close, if there was one but io.EOF.
func (r *Reader) Err() error { return r.err }

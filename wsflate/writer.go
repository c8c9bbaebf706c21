package wsflate

import (
	"fmt"
	"io"

	"github.com/wirews/wirews/internal/checkedio"
)

// Compressor compresses what is written to it into the destination that it was
// made with. Flush writes all of it and ends with an empty stored block, as
// that of compress/flate does. If it is a [WriteResetter], it is used again for
// the next message; if it is an io.Closer, [Writer.Close] closes it.
type Compressor interface {
	io.Writer
	Flush() error
}

// WriteResetter is implemented by a Compressor that can be used again.
type WriteResetter interface {
	Reset(io.Writer)
}

// Writer compresses a message into a destination, with a Compressor of any
// make: it removes from the end what is not sent (RFC 7692, section 7.2.1). An
// Encoder needs no Writer, but can be used with one:
//
//	w := wsflate.NewWriter(nil, encoder.Compressor)
//
// A Writer must not be used by two goroutines at once.
type Writer struct {
	ctor    func(io.Writer) Compressor
	c       Compressor
	cut     tailCutter
	flushed bool
	err     error
}

// NewWriter returns a [Writer] to w that compresses with what ctor returns. It
// calls ctor at once, and again for each Reset unless that is a [WriteResetter].
func NewWriter(w io.Writer, ctor func(io.Writer) Compressor) *Writer {
	fw := &Writer{ctor: ctor}
	fw.Reset(w)
	return fw
}

// Reset makes w ready for a message to dest. What was not flushed is lost.
func (w *Writer) Reset(dest io.Writer) {
	w.err, w.flushed = nil, false
	w.cut = tailCutter{dst: dest}
	if x, ok := w.c.(WriteResetter); ok {
		x.Reset(&w.cut)
		return
	}
	w.c = w.ctor(&w.cut)
}

// Write compresses p. An error is returned by all calls up to Reset.
func (w *Writer) Write(p []byte) (n int, err error) {
	if w.err != nil {
		return 0, w.err
	}
	w.flushed = false
	n, w.err = checkedio.Write(w.c, p)
	return n, w.err
}

// Flush writes what is left and ends the message. The error says so if the
// Compressor has not ended its output with an empty stored block.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if w.err = w.c.Flush(); w.err == nil {
		w.err = w.cut.err
	}
	if w.err == nil && !w.cut.complete() {
		w.err = fmt.Errorf("wsflate: the Compressor's Flush ends with %x and not with an empty stored block, %x", w.cut.held[:w.cut.n], tail)
	}
	w.flushed = w.err == nil
	return w.err
}

// Close flushes, unless nothing was written since the last Flush, and closes
// the Compressor, if that is an io.Closer. What it writes then is no part of
// the message and is dropped. It does not close the destination.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if !w.flushed {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if c, ok := w.c.(io.Closer); ok {
		w.cut.dst = io.Discard
		w.err = c.Close()
	}
	return w.err
}

// Err returns the error that the others return.
func (w *Writer) Err() error { return w.err }

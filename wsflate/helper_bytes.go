package wsflate

import (
	"bytes"
	"io"
	"slices"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
)

// Compress returns p compressed as a message.
func (h *Helper) Compress(p []byte) ([]byte, error) {
	s := borrowScratch()
	defer s.giveBack()
	if err := h.CompressTo(s, p); err != nil {
		return nil, err
	}
	return slices.Clone(s.p), nil
}

// Decompress returns what the message p decompresses to.
func (h *Helper) Decompress(p []byte) ([]byte, error) {
	s := borrowScratch()
	defer s.giveBack()
	if err := h.DecompressTo(s, p); err != nil {
		return nil, err
	}
	return slices.Clone(s.p), nil
}

// helperWriters and helperReaders are for Helpers, which make what they work
// with for each message.
var (
	helperWriters = sync.Pool{New: func() any { return new(Writer) }}
	helperReaders = sync.Pool{New: func() any { return new(helperReader) }}
)

type helperReader struct {
	Reader
	src bytes.Reader
}

// CompressTo writes p to w, compressed as a message.
func (h *Helper) CompressTo(w io.Writer, p []byte) error {
	ctor := h.Compressor
	if ctor == nil {
		ctor = DefaultHelper.Compressor
	}
	fw := helperWriters.Get().(*Writer)
	defer helperWriters.Put(fw)
	*fw = Writer{ctor: ctor}
	fw.Reset(w)
	defer func() { *fw = Writer{} }()
	if own, ok := fw.c.(*lentEncoder); ok {
		defer own.giveBack()
		s := borrowScratch()
		defer s.giveBack()
		s.p = own.enc.AppendMessage(s.p, p)
		_, err := checkedio.Write(w, s.p)
		return err
	}
	if _, err := fw.Write(p); err != nil {
		return err
	}
	return fw.Close()
}

// DecompressTo writes what the message p decompresses to to w. The error is
// [ErrTooLarge] beyond h.MaxSize; w has got that many bytes then, or none.
func (h *Helper) DecompressTo(w io.Writer, p []byte) error {
	ctor := h.Decompressor
	if ctor == nil {
		ctor = DefaultHelper.Decompressor
	}
	fr := helperReaders.Get().(*helperReader)
	defer helperReaders.Put(fr)
	fr.src.Reset(p)
	fr.Reader = Reader{ctor: ctor}
	fr.Reset(&fr.src)
	defer func() { *fr = helperReader{} }()
	if own, ok := fr.d.(*lentDecoder); ok {
		defer own.giveBack()
		return own.decompress(w, p, h.limits())
	}
	if err := copyLimited(w, fr, h.limits().maxSize()); err != nil {
		return err
	}
	return fr.Close()
}

// limits returns those of h as a connection has them: whoever sets MaxSize has
// decided how long a message may become.
func (h *Helper) limits() *Options {
	if h.MaxSize == 0 {
		return nil
	}
	return &Options{MaxSize: h.MaxSize, MaxRatio: -1}
}

func (l *lentDecoder) decompress(w io.Writer, p []byte, limits *Options) error {
	l.dec.maxSize, l.dec.maxRatio = limits.maxSize(), limits.maxRatio()
	s := borrowScratch()
	defer s.giveBack()
	var err error
	if s.p, err = l.dec.DecodeAppend(s.p, p); err != nil {
		return err
	}
	_, err = checkedio.Write(w, s.p)
	return err
}

// copyLimited copies all that r has, unless that is more than limit bytes.
func copyLimited(w io.Writer, r io.Reader, limit int64) error {
	if _, ok := w.(io.ReaderFrom); !ok {
		w = checkedio.Writer{W: w} // io.Copy has errors of its own for its faults
	}
	if limit < 0 {
		_, err := io.Copy(w, r)
		return err
	}
	if _, err := io.CopyN(w, r, limit); err != nil {
		if err == io.EOF {
			return nil
		}
		return err
	}
	var more [1]byte
	n, err := io.ReadFull(r, more[:])
	switch {
	case n > 0:
		return ErrTooLarge
	case err == io.EOF:
		return nil
	}
	return err
}

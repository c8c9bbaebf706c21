package wsflate

import (
	"io"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
)

// streamBuffer is how many bytes the streams below read or write at once.
const streamBuffer = 4 << 10

var streamBuffers = sync.Pool{New: func() any { return new([streamBuffer]byte) }}

// Decompressor returns d as a Decompressor, for [NewReader]: messages share d's
// window if context takeover was agreed on. It is a [ReadResetter]; each Reset
// begins a message. It reads the source to its end.
func (d *Decoder) Decompressor(r io.Reader) Decompressor {
	s := &inflating{d: d}
	s.Reset(r)
	return s
}

// inflating is a Decoder over an io.Reader.
type inflating struct {
	d     *Decoder
	src   io.Reader
	buf   *[streamBuffer]byte // borrowed while some of it is not yet inflated
	in    []byte
	eof   bool // of src
	ended bool
}

// Reset begins a message. The tail that a Reader puts after it is left out: a
// Decoder knows where a message ends, also one that ends inside of an octet, as
// a last block may (RFC 7692, 7.2.3.4).
func (s *inflating) Reset(src io.Reader) {
	switch tailed := src.(type) {
	case *tailedReader:
		src = tailed.src
	case *tailedByteReader:
		src = tailed.src
	}
	s.release()
	s.src, s.eof, s.ended = src, src == nil, false
	s.d.BeginDecode(bit)
}

func (s *inflating) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for !s.ended {
		out, n, err := s.d.Decode(p[:0:len(p)], s.in, s.eof)
		if s.in = s.in[n:]; len(s.in) == 0 {
			s.release()
			s.ended = s.eof && len(out) < len(p)
		}
		if err != nil || len(out) > 0 {
			return len(out), err
		}
		if !s.eof {
			if err := s.fill(); err != nil {
				return 0, err
			}
		}
	}
	return 0, io.EOF
}

// fill reads what comes next of the source.
func (s *inflating) fill() error {
	s.buf = streamBuffers.Get().(*[streamBuffer]byte)
	n, err := checkedio.ReadSome(s.src, s.buf[:])
	if s.in = s.buf[:n]; n == 0 {
		s.release()
	}
	if err == io.EOF {
		s.eof, err = true, nil
	}
	return err
}

func (s *inflating) release() {
	if s.buf != nil {
		streamBuffers.Put(s.buf)
	}
	s.buf, s.in = nil, nil
}

// Compressor returns e as a Compressor, for [NewWriter]: messages share e's
// window if context takeover was agreed on. Each Flush ends a message. It is a
// [WriteResetter]; each Reset begins a message, as Compressor itself does.
func (e *Encoder) Compressor(w io.Writer) Compressor {
	s := &deflating{e: e}
	s.Reset(w)
	return s
}

// deflating is an Encoder over an io.Writer.
type deflating struct {
	e   *Encoder
	dst io.Writer
}

// Reset makes the next message go to dst. One that was not flushed is dropped.
func (s *deflating) Reset(dst io.Writer) {
	s.dst = dst
	s.e.begin()
}

func (s *deflating) Write(p []byte) (int, error) {
	for n := 0; n < len(p); {
		k, _, err := s.encode(p[n:], false)
		if n += k; err != nil {
			return n, err
		}
	}
	return len(p), nil
}

// Flush ends the message, with the tail that a Writer expects.
func (s *deflating) Flush() error {
	for {
		_, complete, err := s.encode(nil, true)
		if err != nil {
			return err
		}
		if complete {
			_, err = checkedio.WriteString(s.dst, tail)
			return err
		}
	}
}

// encode encodes some of p, and writes it.
func (s *deflating) encode(p []byte, fin bool) (n int, complete bool, err error) {
	buf := streamBuffers.Get().(*[streamBuffer]byte)
	defer streamBuffers.Put(buf)
	out, n, _ := s.e.Encode(buf[:0], p, fin)
	if len(out) > 0 {
		_, err = checkedio.Write(s.dst, out)
	}
	return n, fin && len(out) < len(buf), err
}

package wsflate

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
)

// tail ends what a compressor makes of a message, and is not sent: the empty
// stored block of a flush, except for its first three bits (RFC 7692, 7.2.1).
const tail = "\x00\x00\xff\xff"

// readerTail is what a decompressor that knows nothing of messages has to read
// after one: the tail, and a last block so that it sees the end.
const readerTail = tail + "\x01\x00\x00\xff\xff"

// tailCutter passes on all that is written to it but the last four bytes.
type tailCutter struct {
	dst  io.Writer
	held [len(tail)]byte
	n    int
	err  error
}

func (c *tailCutter) Write(p []byte) (int, error) {
	if give := c.n + len(p) - len(tail); give > 0 {
		k := min(give, c.n)
		c.pass(c.held[:k])
		c.n = copy(c.held[:], c.held[k:c.n])
		c.pass(p[:give-k])
		c.n += copy(c.held[c.n:], p[give-k:])
	} else {
		c.n += copy(c.held[c.n:], p)
	}
	if c.err != nil {
		return 0, c.err
	}
	return len(p), nil
}

func (c *tailCutter) pass(p []byte) {
	if c.err == nil && len(p) > 0 {
		_, c.err = checkedio.Write(c.dst, p)
	}
}

// complete reports whether the tail, and nothing else, is held.
func (c *tailCutter) complete() bool { return string(c.held[:c.n]) == tail }

// tailedReader is a source with readerTail after it.
type tailedReader struct {
	src  io.Reader // nil after its end
	tail string
}

func (r *tailedReader) Read(p []byte) (n int, err error) {
	if r.src != nil {
		n, err = checkedio.ReadSome(r.src, p)
		if err != io.EOF {
			return n, err
		}
		if r.src = nil; n > 0 {
			return n, nil
		}
	}
	if len(r.tail) == 0 {
		return 0, io.EOF
	}
	n = copy(p, r.tail)
	r.tail = r.tail[n:]
	return n, nil
}

// tailedByteReader spares decompressors that ask for an io.ByteReader a buffer
// of their own.
type tailedByteReader struct{ tailedReader }

func (r *tailedByteReader) ReadByte() (byte, error) {
	if r.src != nil {
		b, err := r.src.(io.ByteReader).ReadByte()
		if err != io.EOF {
			return b, err
		}
		r.src = nil
	}
	if len(r.tail) == 0 {
		return 0, io.EOF
	}
	b := r.tail[0]
	r.tail = r.tail[1:]
	return b, nil
}

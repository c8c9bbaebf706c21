package wsutil

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
)

// CipherReader masks or unmasks what it reads (RFC 6455, section 5.3). The
// zero value needs Reset.
type CipherReader struct {
	r    io.Reader
	mask [4]byte
	pos  uint8 // in the payload, modulo 4: payloads may be longer than an int
}

// NewCipherReader returns a [CipherReader] at the start of a payload.
func NewCipherReader(r io.Reader, mask [4]byte) *CipherReader {
	return &CipherReader{r: r, mask: mask}
}

// Reset sets c to the start of a payload.
func (c *CipherReader) Reset(r io.Reader, mask [4]byte) { *c = CipherReader{r: r, mask: mask} }

// Read reads from the source and masks what came.
func (c *CipherReader) Read(p []byte) (n int, err error) {
	n, err = checkedio.ReadSome(c.r, p)
	ws.Cipher(p[:n], c.mask, int(c.pos))
	c.pos = (c.pos + uint8(n&3)) & 3
	return n, err
}

// CipherWriter masks or unmasks what is written to it. The zero value needs
// Reset.
type CipherWriter struct {
	w    io.Writer
	mask [4]byte
	pos  uint8
}

// NewCipherWriter returns a [CipherWriter] at the start of a payload.
func NewCipherWriter(w io.Writer, mask [4]byte) *CipherWriter {
	return &CipherWriter{w: w, mask: mask}
}

// Reset sets c to the start of a payload.
func (c *CipherWriter) Reset(w io.Writer, mask [4]byte) { *c = CipherWriter{w: w, mask: mask} }

// Write writes a masked copy of p; p itself stays as it is.
func (c *CipherWriter) Write(p []byte) (n int, err error) {
	b := borrow()
	b.p = ws.AppendCipher(b.p, p, c.mask, int(c.pos))
	n, err = checkedio.Write(c.w, b.p)
	b.giveBack()
	c.pos = (c.pos + uint8(n&3)) & 3
	return n, err
}

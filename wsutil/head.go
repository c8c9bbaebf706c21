package wsutil

import (
	"bufio"
	"io"
	"net"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
)

const (
	// maskedHead is the least size of a masked header. A server may ask for
	// that much at once: a shorter frame is not masked and refused anyway.
	maskedHead = 6
	// maskedHead16 is the size of a masked header with a 16-bit length.
	maskedHead16 = 8
)

// head collects a header. It keeps what has come when a read fails, so that a
// read with a deadline can be repeated.
type head struct {
	buf  [ws.MaxHeaderSize]byte
	have int
}

// firstRead is how many bytes to ask for at first as the endpoint s.
func firstRead(s ws.State) int {
	if s.ServerSide() {
		return maskedHead
	}
	return ws.MinHeaderSize
}

// room returns where the next bytes belong, and the least number of them that
// is of use. It is empty once the header is complete; h and err are valid then.
func (d *head) room(first int) (room []byte, least int, h ws.Header, err error) {
	h, need, err := ws.ParseHeader(d.buf[:d.have])
	if err != ws.ErrShort {
		return nil, 0, h, err
	}
	ask := need
	if d.have == 0 && first > need {
		ask = first
	}
	return d.buf[d.have:ask], need - d.have, ws.Header{}, nil
}

// read reads the rest of the header from r. The error is io.EOF only before
// its first byte.
func (d *head) read(r io.Reader, first int) (ws.Header, error) {
	for {
		room, least, h, err := d.room(first)
		if room == nil {
			d.have = 0
			return h, err
		}
		n, err := checkedio.ReadAtLeast(r, room, least)
		if err = d.add(n, err); err != nil {
			return ws.Header{}, err
		}
	}
}

// readBuffered is read from a buffer, where the header can be parsed as it
// lies. What has come of it stays in the buffer when a read fails.
func readBuffered(br *bufio.Reader) (ws.Header, error) {
	for need := ws.MinHeaderSize; ; {
		b, err := br.Peek(need)
		h, n, perr := ws.ParseHeader(b)
		if perr != ws.ErrShort {
			br.Discard(n)
			return h, perr
		}
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return ws.Header{}, err
		}
		need = n
	}
}

// partial returns the header without its masking key if nothing but the last
// two bytes of that are missing: they are read together with the payload then,
// and the helpers need two reads for a message of up to 65,535 bytes.
func (d *head) partial() (h ws.Header, ok bool, err error) {
	if d.have != maskedHead || d.buf[1] != 0x80|126 {
		return ws.Header{}, false, nil
	}
	var whole [maskedHead16]byte
	copy(whole[:], d.buf[:maskedHead])
	h, _, err = ws.ParseHeader(whole[:])
	return h, true, err
}

// heads lends readHead its memory.
var heads = sync.Pool{New: func() any { return new(head) }}

// readHead reads a header for a helper that has no state of its own. missing
// is the number of bytes of the masking key that are still to be read. While
// it waits, it holds a pooled head of 24 bytes; on a *net.TCPConn nothing.
func readHead(r io.Reader, s ws.State) (h ws.Header, missing int, err error) {
	if c, ok := r.(*net.TCPConn); ok {
		return readHeadTCP(c, firstRead(s))
	}
	d := heads.Get().(*head)
	d.have = 0
	defer heads.Put(d)
	for {
		room, least, h, err := d.room(firstRead(s))
		if room == nil {
			return h, 0, err
		}
		if h, ok, err := d.partial(); ok {
			return h, maskedHead16 - maskedHead, err
		}
		n, err := checkedio.ReadAtLeast(r, room, least)
		if err = d.add(n, err); err != nil {
			return ws.Header{}, 0, err
		}
	}
}

// readHeadTCP is readHead with the buffer on the stack: it stays there because
// c is not an interface. Tests count the heap that it holds: none.
func readHeadTCP(c *net.TCPConn, first int) (h ws.Header, missing int, err error) {
	var d head
	for {
		room, least, h, err := d.room(first)
		if room == nil {
			return h, 0, err
		}
		if h, ok, err := d.partial(); ok {
			return h, maskedHead16 - maskedHead, err
		}
		for got := 0; got < least; {
			n, err := c.Read(room[got:])
			got += n
			if err = d.add(n, err); err != nil {
				return ws.Header{}, 0, err
			}
		}
	}
}

// add counts n more bytes and says what err means here.
func (d *head) add(n int, err error) error {
	d.have += n
	if err == io.EOF && d.have > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

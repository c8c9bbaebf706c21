package wstest

import (
	"io"
	"net"
	"time"
)

// Conn is a net.Conn that plays a script: each Read yields one of Pieces, or as
// much of it as the caller has room for, and after the last one Err. It records
// what is done to it. It is for one goroutine.
type Conn struct {
	Pieces [][]byte
	Err    error // after the last piece; nil stands for io.EOF

	WriteErr error // of every Write, which then takes nothing

	Written   []byte // by all Writes together
	Writes    int
	Reads     int
	Taken     int         // bytes that Reads have returned
	Deadlines []time.Time // of SetDeadline
	Closed    int
}

// NewConn returns a Conn that yields the pieces and then io.EOF.
func NewConn(pieces ...[]byte) *Conn { return &Conn{Pieces: pieces} }

// Read plays the next piece.
func (c *Conn) Read(p []byte) (int, error) {
	c.Reads++
	if len(c.Pieces) == 0 {
		if c.Err != nil {
			return 0, c.Err
		}
		return 0, io.EOF
	}
	n := copy(p, c.Pieces[0])
	if c.Pieces[0] = c.Pieces[0][n:]; len(c.Pieces[0]) == 0 {
		c.Pieces = c.Pieces[1:]
	}
	c.Taken += n
	return n, nil
}

// Write records p.
func (c *Conn) Write(p []byte) (int, error) {
	c.Writes++
	if c.WriteErr != nil {
		return 0, c.WriteErr
	}
	c.Written = append(c.Written, p...)
	return len(p), nil
}

// Close counts.
func (c *Conn) Close() error {
	c.Closed++
	return nil
}

// SetDeadline records t.
func (c *Conn) SetDeadline(t time.Time) error {
	c.Deadlines = append(c.Deadlines, t)
	return nil
}

// SetReadDeadline does nothing.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// LocalAddr returns an address of no meaning.
func (c *Conn) LocalAddr() net.Addr { return addr{} }

// RemoteAddr returns an address of no meaning.
func (c *Conn) RemoteAddr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "script" }
func (addr) String() string  { return "script" }

// Stream is an io.ReadWriter of nothing else: its methods are all that the
// caller finds.
type Stream struct{ io.ReadWriter }

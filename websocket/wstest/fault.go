package wstest

import (
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Fault is something that goes wrong with a connection, or slowly: it returns conn
// with that built in. What it does depends on the bytes alone, and not on how busy
// the machine is.
type Fault func(conn net.Conn) net.Conn

// WithFaults returns conn with all the faults, the first of them nearest to
// whoever uses it. Methods CloseWrite and Reset reach conn if it has them.
//
//	conn = wstest.WithFaults(conn, wstest.ReadAtMost(1), wstest.ResetAfterRead(100))
func WithFaults(conn net.Conn, faults ...Fault) net.Conn {
	for _, fault := range slices.Backward(faults) {
		conn = fault(conn)
	}
	return conn
}

// ReadAtMost has each Read return n bytes at most: 1 for byte by byte.
func ReadAtMost(n int) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		f.read = func(p []byte) (int, error) { return conn.Read(p[:min(n, len(p))]) }
		return f
	}
}

// WriteAtMost has what is written leave in pieces of n bytes at most. Each Write
// still writes all of it.
func WriteAtMost(n int) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		f.write = func(p []byte) (written int, err error) {
			for piece := range slices.Chunk(p, n) {
				m, err := conn.Write(piece)
				if written += m; err != nil {
					return written, err
				}
			}
			return written, nil
		}
		return f
	}
}

// ShortWrites has each Write write n bytes at most and return how many, without an
// error. That breaks the contract of io.Writer, as connections of somebody else's
// have been seen to do.
func ShortWrites(n int) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		f.write = func(p []byte) (int, error) { return conn.Write(p[:min(n, len(p))]) }
		return f
	}
}

// DelayReads has each Read return d later than it would, or at its deadline. What
// has come by then is read by the next one.
func DelayReads(d time.Duration) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		var mu sync.Mutex
		var late []byte
		f.read = func(p []byte) (int, error) {
			mu.Lock()
			n := copy(p, late)
			late = late[n:]
			mu.Unlock()
			if n > 0 {
				return n, nil
			}
			n, err := conn.Read(p)
			if cut := f.wait("read", d, &f.readBy); cut != nil {
				mu.Lock()
				late = append(late, p[:n]...)
				mu.Unlock()
				return 0, cut
			}
			return n, err
		}
		return f
	}
}

// DelayWrites has each Write begin d later than it would.
func DelayWrites(d time.Duration) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		f.write = func(p []byte) (int, error) {
			if err := f.wait("write", d, &f.writeBy); err != nil {
				return 0, err
			}
			return conn.Write(p)
		}
		return f
	}
}

// CutAfterRead ends the connection after n bytes have been read, as if both sides
// had closed: Read returns io.EOF, and Write syscall.EPIPE.
func CutAfterRead(n int64) Fault { return afterRead(n, (*faulty).cut) }

// CutAfterWrite is CutAfterRead after n bytes have been written, be it in the middle
// of a Write.
func CutAfterWrite(n int64) Fault { return afterWrite(n, (*faulty).cut) }

// ResetAfterRead ends the connection after n bytes have been read, as a network does
// that has lost it: Read and Write return syscall.ECONNRESET. The other side finds
// the same if the connection below can be reset.
func ResetAfterRead(n int64) Fault { return afterRead(n, (*faulty).reset) }

// ResetAfterWrite is ResetAfterRead after n bytes have been written, be it in the
// middle of a Write.
func ResetAfterWrite(n int64) Fault { return afterWrite(n, (*faulty).reset) }

// StallAfterRead has nothing come after n bytes have been read: Read waits for its
// deadline, or for Close.
func StallAfterRead(n int64) Fault { return afterRead(n, (*faulty).stall) }

// StallAfterWrite has nothing taken after n bytes have been written: Write waits for
// its deadline, or for Close.
func StallAfterWrite(n int64) Fault { return afterWrite(n, (*faulty).stall) }

// IgnoreDeadlines has SetDeadline and its kin do nothing, and say that they have. It
// comes first, so that the other faults know no deadlines either.
func IgnoreDeadlines() Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		f.deaf = true
		return f
	}
}

// cut, reset and stall are what happens after so many bytes.

func (f *faulty) cut() { f.end(io.EOF, errBroken, func() { f.Conn.Close() }) }

func (f *faulty) reset() { f.end(errReset, errReset, func() { reset(f.Conn) }) }

func (f *faulty) stall() {}

// afterRead returns the Fault that happens after n bytes have been read. What it
// leaves open waits.
func afterRead(n int64, happen func(*faulty)) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		left := counter{left: n}
		f.read = func(p []byte) (int, error) {
			if left.none() {
				return 0, f.wait("read", -1, &f.readBy)
			}
			n, err := conn.Read(left.within(p))
			if left.take(n) {
				happen(f)
			}
			return n, err
		}
		if n <= 0 {
			happen(f)
		}
		return f
	}
}

// afterWrite is afterRead for what has been written.
func afterWrite(n int64, happen func(*faulty)) Fault {
	return func(conn net.Conn) net.Conn {
		f := newFaulty(conn)
		left := counter{left: n}
		f.write = func(p []byte) (n int, err error) {
			if !left.none() {
				n, err = conn.Write(left.within(p))
				if left.take(n) {
					happen(f)
				}
			}
			if err == nil && n < len(p) {
				if _, err = f.ended(); err == nil {
					err = f.wait("write", -1, &f.writeBy)
				}
			}
			return n, err
		}
		if n <= 0 {
			happen(f)
		}
		return f
	}
}

// counter counts bytes down.
type counter struct {
	mu   sync.Mutex
	left int64
}

func (c *counter) none() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left <= 0
}

// within returns as much of p as is left.
func (c *counter) within(p []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return p[:min(int64(len(p)), c.left)]
}

// take counts n bytes, and reports whether those were the last.
func (c *counter) take(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	had := c.left
	c.left -= int64(n)
	return had > 0 && c.left <= 0
}

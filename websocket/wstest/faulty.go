package wstest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// faulty is a connection with one Fault. Several of them lie on top of each other.
type faulty struct {
	net.Conn
	read, write       func(p []byte) (int, error)
	readBy, writeBy   deadline
	deaf              bool          // SetDeadline and its kin do nothing
	closed            chan struct{} // by whoever uses it
	mu                sync.Mutex
	readErr, writeErr error // what the Fault has ended it with; nil: it goes on
}

func newFaulty(conn net.Conn) *faulty {
	return &faulty{Conn: conn, read: conn.Read, write: conn.Write, closed: make(chan struct{})}
}

func (f *faulty) Read(p []byte) (n int, err error) {
	if err, _ := f.ended(); err != nil {
		return 0, f.wrap("read", err)
	}
	n, err = f.read(p)
	if ended, _ := f.ended(); err != nil && ended != nil {
		err = f.wrap("read", ended) // which is why
	}
	return n, err
}

func (f *faulty) Write(p []byte) (n int, err error) {
	if _, err := f.ended(); err != nil {
		return 0, f.wrap("write", err)
	}
	n, err = f.write(p)
	if _, ended := f.ended(); err != nil && ended != nil {
		err = f.wrap("write", ended)
	}
	return n, err
}

// end ends the connection by a Fault: at once, and for both sides.
func (f *faulty) end(readErr, writeErr error, closing func()) {
	f.mu.Lock()
	f.readErr, f.writeErr = readErr, writeErr
	f.mu.Unlock()
	closing()
}

func (f *faulty) ended() (readErr, writeErr error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return net.ErrClosed, net.ErrClosed
	default:
		return f.readErr, f.writeErr
	}
}

// wait waits for so long, or for ever if d is negative, and returns an error if the
// deadline or Close come first.
func (f *faulty) wait(op string, d time.Duration, by *deadline) error {
	var over <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	for {
		passed, later := by.passed()
		if passed {
			return f.wrap(op, os.ErrDeadlineExceeded)
		}
		select {
		case <-over:
			return nil
		case <-f.closed:
			return f.wrap(op, net.ErrClosed)
		case <-later:
		}
	}
}

func (f *faulty) wrap(op string, err error) error {
	if err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: f.LocalAddr().Network(), Source: f.LocalAddr(), Addr: f.RemoteAddr(), Err: err}
}

func (f *faulty) Close() error {
	f.mu.Lock()
	select {
	case <-f.closed:
	default:
		close(f.closed)
	}
	broken := f.readErr != nil
	f.mu.Unlock()
	if err := f.Conn.Close(); !broken {
		return err
	}
	return nil
}

// CloseWrite and Reset are those of the connection below, if it has them.
func (f *faulty) CloseWrite() error {
	half, ok := f.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}

func (f *faulty) Reset() error {
	reset(f.Conn)
	return f.Close()
}

func (f *faulty) SetDeadline(t time.Time) error {
	return errors.Join(f.SetReadDeadline(t), f.SetWriteDeadline(t))
}

func (f *faulty) SetReadDeadline(t time.Time) error {
	if f.deaf {
		return nil
	}
	f.readBy.set(t)
	return f.Conn.SetReadDeadline(t)
}

func (f *faulty) SetWriteDeadline(t time.Time) error {
	if f.deaf {
		return nil
	}
	f.writeBy.set(t)
	return f.Conn.SetWriteDeadline(t)
}

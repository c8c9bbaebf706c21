package wstest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Faulty is a net.Conn that breaks the contracts of io.Reader, io.Writer and
// net.Conn on purpose. Its Reads yield the first Stop bytes of In, and after
// that do what OnRead says; its first Take Writes are taken, and all after them
// do what OnWrite says. It may be used by several goroutines, as any net.Conn.
type Faulty struct {
	In     []byte
	Stop   int
	Pause  int                         // no Read yields bytes of In on both sides of it
	Last   error                       // arrives together with the last byte of In
	OnRead func(p []byte) (int, error) // nil: 0 and Last, or io.EOF

	Take    int
	OnWrite func(p []byte) (int, error) // nil: all are taken

	Deadline error // of SetDeadline and its kin

	Writes int // that were made

	mu     sync.Mutex
	at     int // in In
	faults int // calls after the fault
	closed chan struct{}
}

// ErrSpun is what a Faulty returns after so many faulty calls that whoever
// makes them would never have stopped.
var ErrSpun = errors.New("wstest: called 1,000 times after the fault")

const maxFaults = 1000

// Read plays In, then OnRead.
func (f *Faulty) Read(p []byte) (int, error) {
	f.mu.Lock()
	end := min(f.Stop, len(f.In))
	if f.at < f.Pause {
		end = min(end, f.Pause)
	}
	n := copy(p, f.In[f.at:end])
	f.at += n
	var spun bool
	if n == 0 && len(p) > 0 {
		spun = f.fault()
	}
	last := f.at == len(f.In)
	f.mu.Unlock()
	switch {
	case n > 0 && last:
		return n, f.Last
	case n > 0 || len(p) == 0:
		return n, nil
	case spun:
		return 0, ErrSpun
	case f.OnRead != nil:
		return f.OnRead(p)
	case f.Last != nil:
		return 0, f.Last
	}
	return 0, io.EOF
}

func (f *Faulty) fault() (spun bool) {
	f.faults++
	return f.faults > maxFaults
}

// Write takes p, or does what OnWrite says.
func (f *Faulty) Write(p []byte) (int, error) {
	f.mu.Lock()
	f.Writes++
	faulty := f.OnWrite != nil && f.Writes > f.Take
	spun := faulty && f.fault()
	f.mu.Unlock()
	switch {
	case spun:
		return 0, ErrSpun
	case faulty:
		return f.OnWrite(p)
	}
	return len(p), nil
}

// Closed returns a channel that is closed when the connection is.
func (f *Faulty) Closed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed == nil {
		f.closed = make(chan struct{})
	}
	return f.closed
}

// Close closes the channel of Closed.
func (f *Faulty) Close() error {
	f.Closed()
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return net.ErrClosed
	default:
		close(f.closed)
		return nil
	}
}

// Wait as OnRead or OnWrite waits until the connection is closed: it is for
// connections that take no deadline.
func (f *Faulty) Wait([]byte) (int, error) {
	<-f.Closed()
	return 0, net.ErrClosed
}

// SetDeadline returns Deadline.
func (f *Faulty) SetDeadline(time.Time) error { return f.Deadline }

// SetReadDeadline returns Deadline.
func (f *Faulty) SetReadDeadline(time.Time) error { return f.Deadline }

// SetWriteDeadline returns Deadline.
func (f *Faulty) SetWriteDeadline(time.Time) error { return f.Deadline }

// LocalAddr returns an address of no meaning.
func (f *Faulty) LocalAddr() net.Addr { return addr{} }

// RemoteAddr returns an address of no meaning.
func (f *Faulty) RemoteAddr() net.Addr { return addr{} }

// ErrFault is the error of a transport in the Faults that return one.
var ErrFault = fmt.Errorf("wstest: the transport has failed: %w", os.ErrInvalid)

// Fault is a way to break a contract, or to go to its border.
type Fault struct {
	Name string
	Do   func(p []byte) (int, error)
	// Want is the error that is to come of it, or nil if it is one that says
	// which count was wrong.
	Want error
}

// ReadFaults returns what a Read may do once it has nothing to yield.
func ReadFaults() []Fault {
	always := func(n int, err error) func([]byte) (int, error) {
		return func([]byte) (int, error) { return n, err }
	}
	return []Fault{
		{"0, nil for ever", always(0, nil), io.ErrNoProgress},
		{"-1, nil", always(-1, nil), nil},
		{"-1 and the end", always(-1, io.EOF), nil},
		{"the least int", always(-1<<31, nil), nil},
		{"one more than there is room", func(p []byte) (int, error) { return len(p) + 1, nil }, nil},
		{"one more than the capacity", func(p []byte) (int, error) { return cap(p) + 1, nil }, nil},
		{"too many and the end", func(p []byte) (int, error) { return len(p) + 1, io.EOF }, nil},
		{"an error", always(0, ErrFault), ErrFault},
	}
}

// WriteFaults returns what a Write may do.
func WriteFaults() []Fault {
	return []Fault{
		{"one byte less, nil", func(p []byte) (int, error) { return len(p) - 1, nil }, io.ErrShortWrite},
		{"0, nil", func([]byte) (int, error) { return 0, nil }, io.ErrShortWrite},
		{"-1, nil", func([]byte) (int, error) { return -1, nil }, nil},
		{"one byte more, nil", func(p []byte) (int, error) { return len(p) + 1, nil }, nil},
		{"one byte more and an error", func(p []byte) (int, error) { return len(p) + 1, ErrFault }, nil},
		{"all and an error", func(p []byte) (int, error) { return len(p), ErrFault }, ErrFault},
		{"one byte less and an error", func(p []byte) (int, error) { return len(p) - 1, ErrFault }, ErrFault},
	}
}

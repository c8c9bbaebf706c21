package streamconn

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
)

// DeadlineWriter is a Stream with a deadline of its own for what is written, after which
// Write can be called again to go on. Nothing has to be handed over then: Write of the
// Conn is that of the Stream.
type DeadlineWriter interface {
	io.Writer
	SetWriteDeadline(t time.Time) error
}

// directWriter is the sending half over a DeadlineWriter.
type directWriter struct {
	stream  DeadlineWriter
	writing chan struct{} // holds one element while the stream is written to

	mu     sync.Mutex // guards the deadline, and what follows
	ending bool       // the deadline is that of drain
	closed bool
}

func (w *directWriter) write(p []byte) (int, error) {
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
	if w.isClosed() {
		return 0, net.ErrClosed
	}
	return checkedio.Write(w.stream, p)
}

func (w *directWriter) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *directWriter) setDeadline(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ending && !w.closed {
		w.stream.SetWriteDeadline(t)
	}
}

// drain waits for a call of write that has begun.
func (w *directWriter) drain(timeout time.Duration) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return net.ErrClosed
	}
	w.ending = true
	w.stream.SetWriteDeadline(time.Now().Add(timeout))
	w.mu.Unlock()
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
	if w.isClosed() {
		return net.ErrClosed
	}
	return nil
}

func (w *directWriter) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

func (w *directWriter) wait() {
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
}

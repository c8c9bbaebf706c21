package streamconn

import (
	"io"
	"net"
	"os"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/deadline"
)

// readAhead is how many bytes are read ahead. A stream that waits has such a buffer.
const readAhead = 4 << 10

// reader is the receiving half. Its goroutine reads when the buffer is empty and
// somebody wants more.
type reader struct {
	stream io.Reader
	limit  deadline.Deadline

	mu      sync.Mutex
	buf     []byte // what has been read and not been taken
	err     error  // after that
	running bool   // the goroutine reads
	closed  bool
	news    chan struct{} // closed when any of that has changed
}

func (r *reader) init(stream io.Reader) {
	r.stream, r.news = stream, make(chan struct{})
}

func (r *reader) read(p []byte) (int, error) {
	for {
		n, news, err := r.take(p)
		if news == nil {
			return n, err
		}
		if err := r.limit.Wait(news); err != nil {
			return 0, err
		}
	}
}

// take takes what is there. If nothing is, news is closed when that may have
// changed.
func (r *reader) take(p []byte) (n int, news <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return 0, nil, net.ErrClosed
	case r.limit.Passed():
		return 0, nil, os.ErrDeadlineExceeded
	case len(p) == 0:
		return 0, nil, nil
	case len(r.buf) > 0:
		n = copy(p, r.buf)
		r.buf = r.buf[n:]
		return n, nil, nil
	case r.err != nil:
		return 0, nil, r.err
	}
	if !r.running {
		r.running = true
		go r.run()
	}
	return 0, r.news, nil
}

// run reads once.
func (r *reader) run() {
	b := make([]byte, readAhead)
	n, err := checkedio.ReadSome(r.stream, b)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf, r.err, r.running = b[:n], err, false
	r.tell()
}

// tell wakes all that wait. It needs the lock.
func (r *reader) tell() {
	close(r.news)
	r.news = make(chan struct{})
}

func (r *reader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.tell()
}

// wait returns when the goroutine has ended.
func (r *reader) wait() {
	for {
		r.mu.Lock()
		running, news := r.running, r.news
		r.mu.Unlock()
		if !running {
			return
		}
		<-news
	}
}

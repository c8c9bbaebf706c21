package streamconn

import (
	"io"
	"net"
	"os"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/deadline"
)

// readAhead is how many bytes are read ahead.
const readAhead = 4 << 10

// reader is the receiving half. Its goroutine reads when the buffer is empty and
// somebody wants more.
type reader struct {
	stream io.Reader
	limit  deadline.Deadline

	mu      sync.Mutex
	all     []byte // what the goroutine reads into, from the first time on
	buf     []byte // the part of it that has been read and not been taken
	err     error  // after that
	running bool   // the goroutine reads
	closed  bool
	change  change // of any of that
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
		if r.running = true; r.all == nil {
			r.all = make([]byte, readAhead)
		}
		go r.run(r.all)
	}
	return 0, r.change.next(), nil
}

// run reads once, into b, of which nothing is left to be taken.
func (r *reader) run(b []byte) {
	n, err := checkedio.ReadSome(r.stream, b)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf, r.err, r.running = b[:n], err, false
	r.change.tell()
}

func (r *reader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.change.tell()
}

func (r *reader) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// wait returns when the goroutine has ended.
func (r *reader) wait() {
	for {
		r.mu.Lock()
		running, news := r.running, r.change.next()
		r.mu.Unlock()
		if !running {
			return
		}
		<-news
	}
}

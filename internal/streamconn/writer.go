package streamconn

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/deadline"
)

// maxPending is how many bytes may be handed over and not have been sent.
const maxPending = 64 << 10

// writer is the sending half. Its goroutine runs as long as there is something to
// send.
type writer struct {
	stream io.Writer
	limit  deadline.Deadline

	mu      sync.Mutex
	pending []byte // handed over
	sending bool   // the goroutine runs
	err     error  // why nothing can be sent any more
	change  change // of any of that
}

func (w *writer) setDeadline(t time.Time) { w.limit.Set(t) }

// write hands over p, and waits until it has been sent. If the deadline comes before,
// the n bytes that were handed over are sent later.
func (w *writer) write(p []byte) (n int, err error) {
	for {
		k, news, err := w.give(p[n:])
		if n += k; news == nil {
			return n, err
		}
		if err := w.limit.Wait(news); err != nil {
			return n, err
		}
	}
}

// give hands over as much of p as there is room for. If that is not all, or has not
// been sent, news is closed when that may have changed.
func (w *writer) give(p []byte) (n int, news <-chan struct{}, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return 0, nil, w.err
	case len(p) == 0 && !w.sending:
		return 0, nil, nil
	case w.limit.Passed():
		return 0, nil, os.ErrDeadlineExceeded
	}
	n = min(len(p), maxPending-len(w.pending))
	w.pending = append(w.pending, p[:n]...)
	if n > 0 && !w.sending {
		w.sending = true
		go w.run()
	}
	return n, w.change.next(), nil
}

// run sends what has been handed over, and what is handed over meanwhile.
func (w *writer) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.pending) > 0 && w.err == nil {
		p := w.pending
		w.pending = nil
		w.mu.Unlock()
		_, err := checkedio.Write(w.stream, p)
		w.mu.Lock()
		if err != nil && w.err == nil {
			w.err = err
		}
		w.change.tell()
	}
	w.sending = false
	w.change.tell()
}

// drain waits until all that has been handed over has been sent.
func (w *writer) drain(timeout time.Duration) error {
	late := time.NewTimer(timeout)
	defer late.Stop()
	for {
		w.mu.Lock()
		sending, err, news := w.sending, w.err, w.change.next()
		w.mu.Unlock()
		if !sending || err != nil {
			return err
		}
		select {
		case <-news:
		case <-late.C:
			return os.ErrDeadlineExceeded
		}
	}
}

func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = net.ErrClosed
	}
	w.change.tell()
}

// wait returns when the goroutine has ended.
func (w *writer) wait() {
	for {
		w.mu.Lock()
		sending, news := w.sending, w.change.next()
		w.mu.Unlock()
		if !sending {
			return
		}
		<-news
	}
}

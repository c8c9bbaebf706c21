package wspoll

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// goroutines is the poller of systems without another one, and of connections
// without a descriptor: a goroutine for each socket waits for bytes, and one waits
// for what is being sent to be taken.
type goroutines struct {
	signal chan struct{} // has one element if there is something to report

	mu      sync.Mutex
	events  []event
	sockets []*goSocket // by handle
	free    []handle
}

func newGoroutines() *goroutines { return &goroutines{signal: make(chan struct{}, 1)} }

// goSocket is one socket. Its buffers stand for those of the kernel.
type goSocket struct {
	poller *goroutines
	conn   net.Conn

	mu      sync.Mutex
	token   token
	added   bool      // it has its token
	taken   sync.Cond // in has been read, or the socket is released
	in      []byte    // what has been received and not been read
	inErr   error     // what comes after in
	reading bool      // the reader runs
	out     []byte    // what the writer has to write
	writing bool      // the writer runs
	full    bool      // somebody waits for room
	outErr  error
	shut    bool // the sending direction is to be closed
	over    bool // released, or detached
}

// The buffers of a socket, in bytes.
const (
	goReadSize  = 4 << 10
	goWriteSize = 64 << 10
	goWriteTime = 5 * time.Second // for what waits when a socket is released
)

func (g *goroutines) adopt(conn net.Conn) (handle, error) {
	s := &goSocket{poller: g, conn: conn}
	s.taken.L = &s.mu
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.free); n > 0 {
		h := g.free[n-1]
		g.free = g.free[:n-1]
		g.sockets[h] = s
		return h, nil
	}
	g.sockets = append(g.sockets, s)
	return handle(len(g.sockets) - 1), nil
}

func (g *goroutines) socket(h handle) *goSocket {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sockets[h]
}

// remove gives up h, which may be given out again.
func (g *goroutines) remove(h handle) *goSocket {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.sockets[h]
	g.sockets[h] = nil
	g.free = append(g.free, h)
	return s
}

func (g *goroutines) add(h handle, t token) error {
	s := g.socket(h)
	s.mu.Lock()
	s.token, s.added, s.reading = t, true, true
	s.mu.Unlock()
	g.report(t, writable)
	go s.receive()
	return nil
}

func (g *goroutines) report(t token, what readiness) {
	g.mu.Lock()
	g.events = append(g.events, event{t, what})
	g.mu.Unlock()
	g.wake()
}

func (g *goroutines) wait(events []event, timeout time.Duration) ([]event, error) {
	if timeout != 0 {
		var late <-chan time.Time
		if timeout > 0 {
			t := time.NewTimer(timeout)
			defer t.Stop()
			late = t.C
		}
		select {
		case <-g.signal:
		case <-late:
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	events = append(events, g.events...)
	g.events = g.events[:0]
	return events, nil
}

func (g *goroutines) wake() {
	select {
	case g.signal <- struct{}{}:
	default:
	}
}

func (g *goroutines) close() {}

// receive is the reader of a socket. It reads again once what it has read was
// taken.
func (s *goSocket) receive() {
	b := make([]byte, goReadSize)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.taken.Broadcast()
	defer func() { s.reading = false }()
	for !s.over && s.inErr == nil {
		s.mu.Unlock()
		n, err := s.conn.Read(b)
		s.mu.Lock()
		if s.in, s.inErr = b[:max(n, 0)], err; s.over {
			return
		}
		what := readable
		if err != nil {
			what |= ended
		}
		s.poller.report(s.token, what)
		for len(s.in) > 0 && !s.over {
			s.taken.Wait()
		}
	}
}

func (g *goroutines) read(h handle, p []byte) (n int, dry bool, err error) {
	s := g.socket(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	n = copy(p, s.in)
	s.in = s.in[n:]
	switch {
	case len(s.in) > 0:
		return n, false, nil
	case n > 0:
		s.taken.Broadcast()
		return n, true, nil
	case s.inErr != nil && s.inErr != io.EOF:
		return 0, true, s.inErr
	}
	return 0, true, s.inErr
}

func (g *goroutines) write(h handle, p []byte) (n int, err error) {
	s := g.socket(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outErr != nil {
		return 0, s.outErr
	}
	n = min(len(p), max(goWriteSize-len(s.out), 0))
	if n < len(p) {
		s.full = true
	}
	s.out = append(s.out, p[:n]...)
	s.start()
	return n, nil
}

func (g *goroutines) writeTwo(h handle, a, b []byte) (n int, err error) {
	return writeBoth(g, h, a, b)
}

// start starts the writer if it has something to do and does not run.
func (s *goSocket) start() {
	if !s.writing && (len(s.out) > 0 || s.shut || s.over) {
		s.writing = true
		go s.send()
	}
}

// send is the writer of a socket. It ends when nothing is left to be done.
func (s *goSocket) send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.writing = false }()
	var b []byte
	for len(s.out) > 0 && s.outErr == nil {
		b, s.out = s.out, b[:0]
		s.mu.Unlock()
		_, err := s.conn.Write(b)
		s.mu.Lock()
		if s.outErr = err; (s.full || err != nil) && s.added && !s.over {
			s.full = false
			s.poller.report(s.token, writable)
		}
	}
	if s.out = nil; s.shut {
		s.shut = false
		if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	}
	if s.over {
		s.conn.Close()
	}
}

func (g *goroutines) shut(h handle) {
	s := g.socket(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	s.start()
}

func (g *goroutines) release(h handle) {
	s := g.remove(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.taken.Broadcast()
	if _, ok := s.conn.(syscall.Conn); ok && !s.writing {
		s.conn.Close()
		return
	}
	s.conn.SetDeadline(time.Now().Add(goWriteTime))
	s.start() // Close may write, as that of a tls.Conn does, and the loop does not wait
}

// detach interrupts the reader by a deadline, and takes over what it has read.
func (g *goroutines) detach(h handle) (conn net.Conn, received []byte, err error) {
	s := g.remove(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing {
		s.over = true // the writer closes it
		s.conn.SetDeadline(time.Now().Add(goWriteTime))
		return nil, nil, errStillSending
	}
	s.over = true
	s.taken.Broadcast()
	if err := s.conn.SetReadDeadline(time.Unix(1, 0)); err != nil {
		go s.conn.Close() // which ends the reader: nothing else can
		return nil, nil, err
	}
	for s.reading {
		s.taken.Wait()
	}
	return s.conn, append([]byte(nil), s.in...), s.conn.SetReadDeadline(time.Time{})
}

var errStillSending = errors.New("wspoll: something is still being sent on this connection")

func (g *goroutines) addrs(h handle) (local, remote net.Addr) {
	s := g.socket(h)
	return s.conn.LocalAddr(), s.conn.RemoteAddr()
}

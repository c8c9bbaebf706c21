package wspoll

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/internal/earlyconn"
)

// Others returns a listener of the connections whose first request is not for
// WebSocket, for an http.Server for instance. What has been received of them is read
// again. Call it before ListenAndServe and Serve; without it, such requests are
// answered with 426 (Upgrade Required). Up to 128 connections wait to be accepted, and
// further ones are closed. Closing the listener ends that; so does the Server's end.
func (s *Server) Others() net.Listener {
	s.others.once.Do(func() {
		s.others.conns = make(chan net.Conn, maxOthers)
		s.others.done = make(chan struct{})
		s.others.asked.Store(true)
	})
	if s.stopping.Load() {
		s.others.Close()
	}
	return &s.others
}

const maxOthers = 128

// others is the listener of Others.
type others struct {
	once  sync.Once
	asked atomic.Bool // the channels are made
	conns chan net.Conn
	done  chan struct{}
	end   sync.Once
}

// Accept waits for a connection. The error is net.ErrClosed once the listener, or the
// server, is closed.
func (o *others) Accept() (net.Conn, error) {
	select {
	case conn := <-o.conns:
		return conn, nil
	case <-o.done:
		return nil, &net.OpError{Op: "accept", Net: "wspoll", Addr: o.Addr(), Err: net.ErrClosed}
	}
}

// Close closes the listener, and the connections that nobody has accepted.
func (o *others) Close() error {
	o.end.Do(func() { close(o.done) })
	for {
		select {
		case conn := <-o.conns:
			conn.Close()
		default:
			return nil
		}
	}
}

// Addr returns a name: the connections have addresses of their own.
func (o *others) Addr() net.Addr { return othersAddr{} }

type othersAddr struct{}

func (othersAddr) Network() string { return "wspoll" }
func (othersAddr) String() string  { return "others" }

// wants reports whether somebody listens.
func (o *others) wants() bool {
	if !o.asked.Load() {
		return false
	}
	select {
	case <-o.done:
		return false
	default:
		return true
	}
}

// offer gives a connection to whoever listens.
func (o *others) offer(conn net.Conn) {
	select {
	case o.conns <- conn:
	default:
		conn.Close()
		return
	}
	if !o.wants() { // it was closed meanwhile
		o.Close()
	}
}

// handOver gives the connection away, with what has been received of it.
func (c *Conn) handOver(o *opening) {
	t := c.tls()
	c.leave()
	c.mu.Lock()
	h := c.socket
	c.socket = released
	c.mu.Unlock()
	c.loop.count.Add(-1)
	conn, received, err := c.loop.poll.detach(h)
	if err != nil {
		c.loop.server.report(err)
		return
	}
	head := o.head
	if t == nil {
		head = append(head, received...)
	} else {
		conn = t.detach(conn, received)
	}
	c.loop.server.others.offer(earlyconn.Wrap(conn, head))
}

// detach has TLS wait for conn again, of which more has been received.
func (t *tlsLayer) detach(conn net.Conn, received []byte) net.Conn {
	w := t.wire
	if early := append(append([]byte(nil), w.in...), received...); len(early) > 0 {
		conn = earlyconn.Wrap(conn, early)
	}
	if w.mem != nil {
		w.mem.GiveBack()
		w.mem, w.in = nil, nil
	}
	w.Conn, w.onLoop = conn, false
	return t.conn
}

//go:build linux

package main

import (
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/epoll/internal/poll"
	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

const (
	readSize = 64 << 10 // bytes that are read at a time
	keepSize = 1 << 20  // bytes of the shared output buffer that are kept
	batch    = 256      // events, and new connections, that are handled at a time
)

// Server is one epoll loop. All its connections share the buffers in and out:
// what is in them is done with before the next connection's turn.
type Server struct {
	options  Options
	addr     netip.AddrPort
	upgrader ws.Upgrader
	config   wsproto.Config
	poller   *poll.Poller
	listener int
	paused   bool      // the listener is not watched until the next sweep
	next     time.Time // of the sweeps

	conns map[int]*conn // by descriptor
	in    []byte
	out   []byte

	count atomic.Int64
}

// Listen returns a Server that listens on ap; Run serves, and closes it.
func Listen(ap netip.AddrPort, options Options) (*Server, error) {
	s := &Server{
		options:  options,
		upgrader: ws.Upgrader{Origin: ws.SameOrigin, Limits: httpx.Limits{Head: options.MaxHead}},
		config: wsproto.Config{
			Limits: wsproto.Limits{Message: options.MaxMessage},
			// Linger bounds the end of every connection, refused ones too.
			CloseTimeout: -1,
		},
		conns: make(map[int]*conn),
		in:    make([]byte, readSize),
	}
	var err error
	if s.listener, err = listen(ap); err != nil {
		return nil, err
	}
	if s.addr, err = localAddr(s.listener); err == nil {
		if s.poller, err = poll.New(batch); err == nil {
			if err = s.poller.Watch(s.listener, poll.In); err == nil {
				return s, nil
			}
			s.poller.Close()
		}
	}
	unix.Close(s.listener)
	return nil, err
}

// Addr returns the address that the Server listens on.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Conns returns the number of connections. Any goroutine may ask.
func (s *Server) Conns() int { return int(s.count.Load()) }

// Stop makes Run return. It may be called once, by any goroutine, while Run
// has not returned.
func (s *Server) Stop() { s.poller.Wake() }

// Run serves until Stop is called, and then closes everything.
func (s *Server) Run() error {
	defer s.close()
	for {
		if stopped, err := s.turn(); stopped || err != nil {
			return err
		}
	}
}

// turn waits for something to happen and handles it.
func (s *Server) turn() (stopped bool, err error) {
	wait := time.Duration(-1)
	if len(s.conns) > 0 || s.paused {
		wait = max(time.Until(s.next), 0)
	}
	events, stopped, err := s.poller.Wait(wait)
	if err != nil || stopped {
		return stopped, err
	}
	now := time.Now()
	for _, ev := range events {
		if ev.Fd == s.listener {
			s.accept(now)
		} else if c := s.conns[ev.Fd]; c != nil {
			s.serve(c, ev, now)
		}
	}
	if !now.Before(s.next) {
		s.sweep(now)
		s.next = now.Add(s.options.Sweep)
	}
	return false, nil
}

// accept takes new connections, but not so many at a time that the others
// starve.
func (s *Server) accept(now time.Time) {
	for range batch {
		if len(s.conns) >= s.options.MaxConns {
			s.pause(true)
			return
		}
		fd, err := accept(s.listener)
		if err == poll.Again {
			return
		}
		if err != nil {
			// Most likely there are no descriptors left. The connection
			// stays in the queue and would be reported again at once.
			s.pause(true)
			return
		}
		if err := s.poller.Watch(fd, poll.In); err != nil {
			unix.Close(fd)
			continue
		}
		s.conns[fd] = &conn{
			fd:       fd,
			watched:  poll.In,
			deadline: now.Add(s.options.Handshake),
			request:  &request{handshake: ws.ServerHandshake{Upgrader: &s.upgrader}},
			proto:    wsproto.NewConn(&s.config, nil),
		}
		s.count.Add(1)
	}
}

// pause stops or resumes accepting.
func (s *Server) pause(on bool) {
	events := uint32(poll.In)
	if on {
		events = 0
	}
	if s.poller.Change(s.listener, events) == nil {
		s.paused = on
	}
}

// sweep drops the connections whose time is up. It looks at each of them: a
// comparison, once in a while, is cheaper than timers.
func (s *Server) sweep(now time.Time) {
	for _, c := range s.conns {
		if !c.deadline.IsZero() && now.After(c.deadline) {
			s.drop(c)
		}
	}
	if s.paused {
		s.pause(false)
	}
}

// drop closes c's descriptor, which also ends its being watched.
func (s *Server) drop(c *conn) {
	delete(s.conns, c.fd)
	unix.Close(c.fd)
	s.count.Add(-1)
}

func (s *Server) close() {
	for _, c := range s.conns {
		s.drop(c)
	}
	unix.Close(s.listener)
	s.poller.Close()
}

//go:build linux

package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/epoll/internal/poll"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Options bounds what clients may cost. A zero field means none, and not
// something sensible: begin with DefaultOptions.
type Options struct {
	// Handshake is how long the opening handshake may take.
	Handshake time.Duration
	// Stall is how long a client may not read what is sent to it.
	Stall time.Duration
	// Linger is how long a client may take to close its side.
	Linger time.Duration
	// Sweep is how often the loop looks at the latter two.
	Sweep time.Duration
	// MaxMessage is the longest message in bytes.
	MaxMessage int64
}

// DefaultOptions returns what a small server can afford.
func DefaultOptions() Options {
	return Options{
		Handshake:  10 * time.Second,
		Stall:      30 * time.Second,
		Linger:     5 * time.Second,
		Sweep:      time.Second,
		MaxMessage: 16 << 20,
	}
}

// Server does handshakes, each in a goroutine, and gives what they lead to to
// its loop.
type Server struct {
	upgrader ws.Upgrader
	config   wsproto.Config
	loop     *loop
	count    atomic.Int64
}

// New returns a Server for one call of Serve.
func New(options Options) (*Server, error) {
	poller, err := poll.New(batch)
	if err != nil {
		return nil, err
	}
	s := &Server{
		upgrader: ws.Upgrader{Origin: ws.SameOrigin, Timeout: options.Handshake},
		config: wsproto.Config{
			Limits: wsproto.Limits{Message: options.MaxMessage},
			// Linger bounds the end of every connection, refused ones too.
			CloseTimeout: -1,
		},
	}
	s.loop = &loop{
		options: options,
		poller:  poller,
		conns:   make(map[int]*conn),
		in:      make([]byte, readSize),
		dropped: func() { s.count.Add(-1) },
	}
	return s, nil
}

// Conns returns the number of connections, those in their handshake included.
// Any goroutine may ask.
func (s *Server) Conns() int { return int(s.count.Load()) }

// Serve serves until ctx ends, and then closes everything, l included. The
// error is nil if ctx was the reason.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	defer l.Close()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.loop.run(); err != nil {
			cancel(err)
		}
	}()

	var handshakes sync.WaitGroup
	err := s.accept(ctx, l, &handshakes)
	// First all that could give something to the loop, then the loop.
	cancel(err)
	handshakes.Wait()
	s.loop.stop()
	<-ended
	s.loop.close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// accept begins handshakes until l or ctx ends.
func (s *Server) accept(ctx context.Context, l net.Listener, handshakes *sync.WaitGroup) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) {
			// Somebody has to leave before the next can come.
			select {
			case <-time.After(100 * time.Millisecond):
				continue
			case <-ctx.Done():
			}
		}
		if err != nil {
			return err
		}
		s.count.Add(1)
		handshakes.Go(func() {
			if !s.handshake(ctx, conn) {
				s.count.Add(-1)
			}
		})
	}
}

// handshake answers the client and moves it to the loop; false says that it is
// gone instead.
func (s *Server) handshake(ctx context.Context, client net.Conn) bool {
	// What the loop gets is a descriptor of its own.
	defer client.Close()
	defer context.AfterFunc(ctx, func() { client.Close() })()

	_, err := s.upgrader.Upgrade(client)
	_, refused := errors.AsType[*ws.ConnectionRejectedError](err)
	if err != nil && !refused {
		return false
	}
	fd, err := duplicate(client)
	if err != nil {
		return false
	}
	// Upgrade has read nothing after the request: what the client sends next
	// is still in the socket, for the loop to find.
	s.loop.give(&conn{fd: fd, proto: wsproto.NewConn(&s.config, nil), last: refused})
	return true
}

// duplicate returns a descriptor for conn's socket that is not known to the Go
// runtime, and does not block. It stays open when conn is closed.
func duplicate(conn net.Conn) (fd int, err error) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	failed := raw.Control(func(own uintptr) {
		fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(failed, err); err != nil {
		return -1, err
	}
	if err = unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

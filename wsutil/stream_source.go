package wsutil

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/rawio"
)

// source is the receiving half of a Stream. A connection that lends its
// descriptor is waited for without memory: that is borrowed when there is
// something to read. Another wants memory first, so it gets some that is kept.
type source struct {
	box  endpoint.Inbox
	conn io.Reader

	raw   syscall.RawConn       // nil: conn lends no descriptor
	ready func(fd uintptr) bool // tryRead
	waits bool                  // the next tryRead comes after a wait
	err   error                 // of tryRead

	size int
	own  *bufpool.Buffer // of size bytes; nil until it is needed
}

// minStreamBuffer is the least size of a buffer of a source's own. An Inbox wants
// as much room.
const minStreamBuffer = 4 << 10

func (s *source) init(conn io.Reader, size int) {
	if s.conn, s.size = conn, max(size, minStreamBuffer); size <= 0 {
		s.size = DefaultStreamBuffer
	}
	if !rawio.Supported {
		return
	}
	// A type of somebody else's may do more than these in its Read.
	switch conn := conn.(type) {
	case *net.TCPConn:
		s.raw, _ = conn.SyscallConn()
	case *net.UnixConn:
		s.raw, _ = conn.SyscallConn()
	}
	if s.raw != nil {
		s.ready = s.tryRead
	}
}

// read reads some bytes.
func (s *source) read() error {
	if s.raw != nil {
		if err := s.raw.Read(s.ready); err != nil {
			return err
		}
		return s.err
	}
	if s.box.Empty() {
		s.rest()
	}
	n, err := checkedio.ReadSome(s.conn, s.box.Room())
	if s.box.Filled(n); n > 0 {
		return nil // if err is not nil, the next Read returns it again
	}
	return err
}

// rest leaves the Inbox no memory but what is kept.
func (s *source) rest() {
	if s.own == nil {
		s.own = bufpool.Own(make([]byte, 0, s.size))
	}
	s.box.Free()
	s.box.Lend(s.own)
}

// tryRead reads what there is. If there is nothing, the caller is to wait, and
// then the Inbox holds memory only for what has come of a message.
func (s *source) tryRead(fd uintptr) (done bool) {
	n, errno := rawio.Read(fd, s.box.Room(), s.waits)
	if s.waits = rawio.Again(errno); s.waits {
		if s.box.Empty() {
			s.box.Free()
		}
		return false
	}
	switch s.err = nil; {
	case errno != 0:
		s.err = os.NewSyscallError("read", errno)
	case n == 0:
		s.err = io.EOF
	default:
		s.box.Filled(n)
	}
	return true
}

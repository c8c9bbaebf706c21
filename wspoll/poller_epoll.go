//go:build linux

package wspoll

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/internal/fault"
	"github.com/wirews/wirews/internal/rawio"
)

// epoll is the poller of Linux. Its handles are descriptors. It waits in the poller of
// the Go runtime, which watches the epoll instance: a thread that sleeps in epoll_wait
// would keep the scheduler looking for it.
type epoll struct {
	fd       int
	file     *os.File // fd's
	conn     syscall.RawConn
	deadline time.Time // of file; zero: none
	event    int       // an eventfd, which ends a wait
	woken    atomic.Bool

	raw   [256]syscall.EpollEvent
	n     int // of raw, what was collected last
	errno rawio.Errno
	dry   bool // nothing was: the next time may be after a wait
}

// wakeToken is that of the eventfd, which no connection has.
const wakeToken token = 1<<64 - 1

func newEpoll() (*epoll, error) {
	fd, err := -1, fault.Instead(fault.EpollCreate, 0)
	if err == nil {
		fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	}
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	unix.SetNonblock(fd, true) // asks NewFile to wait with the runtime's poller
	e := &epoll{fd: fd, event: -1, file: os.NewFile(uintptr(fd), "epoll")}
	if e.conn, err = e.file.SyscallConn(); err == nil {
		err = fault.Instead(fault.Eventfd, 0)
	}
	if err == nil {
		e.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	}
	if err == nil {
		err = e.watch(e.event, wakeToken, unix.EPOLLIN)
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// watch begins to report fd by edges.
func (e *epoll) watch(fd int, t token, events uint32) error {
	// The system keeps 64 bits for a descriptor, which package unix shows as two
	// halves.
	ev := unix.EpollEvent{Events: events | unix.EPOLLET, Fd: int32(t), Pad: int32(t >> 32)}
	err := fault.Instead(fault.EpollCtl, uintptr(fd))
	if err == nil {
		err = unix.EpollCtl(e.fd, unix.EPOLL_CTL_ADD, fd, &ev)
	}
	return os.NewSyscallError("epoll_ctl", err)
}

func (e *epoll) add(h handle, t token) error {
	return e.watch(int(h), t, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP)
}

func (e *epoll) wait(events []event, timeout time.Duration) ([]event, error) {
	if timeout == 0 {
		e.collect(uintptr(e.fd))
	} else if err := e.park(timeout); err != nil {
		return events, err
	}
	if e.errno != 0 {
		return events, os.NewSyscallError("epoll_pwait", e.errno)
	}
	for i := range e.raw[:e.n] {
		ev := &e.raw[i]
		t := token(uint32(ev.Fd)) | token(uint32(ev.Pad))<<32
		if t == wakeToken {
			e.woken.Store(false) // it need not be read: every write to it is an edge
			continue
		}
		events = append(events, event{t, readinessOf(ev.Events)})
	}
	return events, nil
}

// collect collects what there is to report, and reports whether that is anything.
func (e *epoll) collect(fd uintptr) (done bool) {
	e.n, e.errno = rawio.EpollWait(fd, e.raw[:], e.dry)
	e.dry = e.n == 0 && e.errno == 0
	return !e.dry
}

// park waits until there is something, or the time has passed. A deadline that comes
// too early is left: whoever is woken by it waits again, and most waits end before.
func (e *epoll) park(timeout time.Duration) error {
	switch {
	case timeout > 0:
		now := time.Now()
		if at := now.Add(timeout); e.deadline.IsZero() || at.Before(e.deadline) || !now.Before(e.deadline) {
			e.setDeadline(at)
		}
	case !e.deadline.IsZero():
		e.setDeadline(time.Time{})
	}
	err := e.conn.Read(e.collect)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.setDeadline(time.Time{})
		e.collect(uintptr(e.fd))
		return nil
	}
	return err
}

func (e *epoll) setDeadline(t time.Time) {
	e.deadline = t
	e.file.SetReadDeadline(t)
}

func readinessOf(events uint32) (r readiness) {
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		return readable | writable | ended // whatever is tried returns the error
	}
	if events&unix.EPOLLIN != 0 {
		r |= readable
	}
	if events&unix.EPOLLOUT != 0 {
		r |= writable
	}
	if events&unix.EPOLLRDHUP != 0 {
		r |= readable | ended
	}
	return r
}

func (e *epoll) wake() {
	if e.woken.CompareAndSwap(false, true) {
		one := [8]byte{0: 1, 7: 1} // not 0 in either byte order
		if _, err := unix.Write(e.event, one[:]); err == unix.EAGAIN {
			unix.Read(e.event, one[:]) // full after 2^56 of them
			unix.Write(e.event, one[:])
		}
	}
}

func (e *epoll) close() {
	if e.event >= 0 {
		unix.Close(e.event)
	}
	e.file.Close()
}

func (e *epoll) read(h handle, p []byte) (n int, dry bool, err error) {
	n, errno := rawio.Read(uintptr(h), p, false)
	switch {
	case errno == 0 && n == 0:
		return 0, true, io.EOF
	case errno == 0:
		// epoll(7): what a stream has not filled is dry. The end that may have come
		// with the last bytes is reported for itself.
		return n, n < len(p), nil
	case rawio.Again(errno):
		return 0, true, nil
	}
	return 0, true, os.NewSyscallError("read", errno)
}

func (e *epoll) write(h handle, p []byte) (n int, err error) {
	for n < len(p) {
		k, errno := rawio.Write(uintptr(h), p[n:])
		switch {
		case errno == 0:
			n += k
		case rawio.Again(errno):
			return n, nil
		default:
			return n, os.NewSyscallError("write", errno)
		}
	}
	return n, nil
}

func (e *epoll) writeTwo(h handle, a, b []byte) (n int, err error) {
	n, errno := rawio.WriteTwo(uintptr(h), a, b)
	switch {
	case rawio.Again(errno):
		return 0, nil
	case errno != 0:
		return 0, os.NewSyscallError("writev", errno)
	}
	more, err := writeBoth(e, h, a[min(n, len(a)):], b[max(n-len(a), 0):])
	return n + more, err
}

func (e *epoll) shut(h handle) { unix.Shutdown(int(h), unix.SHUT_WR) }

// release closes the only descriptor of the socket, which ends its reports.
func (e *epoll) release(h handle) { unix.Close(int(h)) }

// adopt duplicates the descriptor: the one that net has is registered with the
// poller of the Go runtime, and has to be closed for that to end.
func (e *epoll) adopt(conn net.Conn) (handle, error) {
	fd, err := duplicate(conn)
	if err != nil {
		return released, err
	}
	conn.Close()
	return handle(fd), nil
}

func duplicate(conn net.Conn) (fd int, err error) {
	// Not whatever is a syscall.Conn: it may be wrapped around one of these, and do
	// more than that does.
	var s syscall.Conn
	switch c := conn.(type) {
	case *net.TCPConn:
		s = c
	case *net.UnixConn:
		s = c
	default:
		return -1, errNoDescriptor
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return -1, err
	}
	if cerr := raw.Control(func(own uintptr) {
		if err = fault.Instead(fault.Duplicate, own); err != nil {
			return
		}
		if fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			err = unix.SetNonblock(fd, true)
		}
	}); cerr != nil {
		return -1, cerr
	}
	if err != nil {
		return -1, os.NewSyscallError("fcntl", err)
	}
	return fd, nil
}

func (e *epoll) detach(h handle) (conn net.Conn, received []byte, err error) {
	f := os.NewFile(uintptr(h), "")
	defer f.Close() // FileConn has a duplicate
	if err := unix.EpollCtl(e.fd, unix.EPOLL_CTL_DEL, int(h), nil); err != nil {
		return nil, nil, os.NewSyscallError("epoll_ctl", err)
	}
	conn, err = net.FileConn(f)
	return conn, nil, err
}

func (e *epoll) addrs(h handle) (local, remote net.Addr) {
	if sa, err := unix.Getsockname(int(h)); err == nil {
		local = addrOf(sa)
	}
	if sa, err := unix.Getpeername(int(h)); err == nil {
		remote = addrOf(sa)
	}
	return local, remote
}

func addrOf(sa unix.Sockaddr) net.Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port}
	case *unix.SockaddrInet6:
		a := &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port}
		if sa.ZoneId != 0 {
			if i, err := net.InterfaceByIndex(int(sa.ZoneId)); err == nil {
				a.Zone = i.Name
			}
		}
		return a
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Net: "unix", Name: sa.Name}
	}
	return nil
}

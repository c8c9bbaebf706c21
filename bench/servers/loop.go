package main

import (
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// handler is a connection on a loop. It answers b, which it may change and which
// lies in buffer after headRoom, and says whether to go on. The answer may lie
// in the buffer.
type handler interface {
	receive(buffer, b []byte) (out []byte, ok bool)
}

// loopBuffer is how much a loop reads at once.
const loopBuffer = 256 << 10

// socket is a connection of a loop.
type socket struct {
	handler
	kept []byte // an answer that the socket did not take at once
	rest []byte // what is left of it
}

// loop is one thread of a server on epoll: no goroutine for a connection, and no
// buffer.
type loop struct {
	epoll   int
	sockets []*socket // by descriptor
	buffer  []byte
	out     []byte // for handlers to put answers in
	spare   stack  // for handlers to collect messages in
	kept    stack  // for what sockets do not take
	events  [512]syscall.EpollEvent
}

// stack is memory that is not in use.
type stack [][]byte

func (s *stack) put(b []byte) { *s = append(*s, b[:0]) }

// get returns nil if there is none.
func (s *stack) get() (b []byte) {
	if n := len(*s) - 1; n >= 0 {
		b, *s = (*s)[n], (*s)[:n]
	}
	return b
}

// runLoops serves with as many loops as there are processors.
func runLoops(addr string, ready func(net.Addr), newHandler func(*loop) handler) error {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	l, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	syscall.SetsockoptInt(l, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err = syscall.Bind(l, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err == nil {
		err = syscall.Listen(l, 4096)
	}
	if err != nil {
		return err
	}
	var loops []*loop
	for range runtime.GOMAXPROCS(0) {
		e, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
		if err != nil {
			return err
		}
		p := &loop{epoll: e, sockets: make([]*socket, 1<<17), buffer: make([]byte, headRoom+loopBuffer)}
		loops = append(loops, p)
		go p.run()
	}
	name, err := syscall.Getsockname(l)
	if err != nil {
		return err
	}
	in4 := name.(*syscall.SockaddrInet4)
	ready(&net.TCPAddr{IP: in4.Addr[:], Port: in4.Port})
	for i := 0; ; i++ {
		fd, _, err := syscall.Accept4(l, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			continue
		}
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		p := loops[i%len(loops)]
		p.sockets[fd] = &socket{handler: newHandler(p)}
		p.watch(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
	}
}

func (p *loop) watch(op, fd int, events uint32) {
	syscall.EpollCtl(p.epoll, op, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

// run waits in Go's own poller, which watches the epoll instance: a thread that
// sleeps in epoll_wait would keep the scheduler looking for it.
func (p *loop) run() error {
	syscall.SetNonblock(p.epoll, true)
	rc, err := os.NewFile(uintptr(p.epoll), "epoll").SyscallConn()
	if err != nil {
		return err
	}
	n := 0
	poll := func(fd uintptr) bool {
		r, _, e := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, fd, uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
		n = int(r)
		return e == 0 && n > 0
	}
	for {
		if err := rc.Read(poll); err != nil {
			return err
		}
		for _, ev := range p.events[:n] {
			if fd := int(ev.Fd); p.sockets[fd] != nil && !p.serve(fd, p.sockets[fd]) {
				p.sockets[fd] = nil
				syscall.Close(fd)
			}
		}
	}
}

// serve reads once, and writes the answer. It reports whether to go on.
func (p *loop) serve(fd int, s *socket) bool {
	if len(s.rest) > 0 {
		n, e := rawWrite(fd, s.rest)
		if s.rest = s.rest[n:]; len(s.rest) == 0 {
			p.kept.put(s.kept)
			s.kept, s.rest = nil, nil
			p.watch(syscall.EPOLL_CTL_MOD, fd, syscall.EPOLLIN)
		}
		return e == 0 || e == syscall.EAGAIN
	}
	n, e := rawRead(fd, p.buffer[headRoom:])
	if e == syscall.EAGAIN {
		return true
	}
	if e != 0 || n == 0 {
		return false
	}
	out, ok := s.receive(p.buffer, p.buffer[headRoom:headRoom+n])
	if len(out) > 0 {
		n, e := rawWrite(fd, out)
		if e != 0 && e != syscall.EAGAIN {
			return false
		}
		if n < len(out) {
			s.kept = append(p.kept.get(), out[n:]...)
			s.rest = s.kept
			p.watch(syscall.EPOLL_CTL_MOD, fd, syscall.EPOLLOUT)
		}
	}
	return ok
}

// rawRead and rawWrite do not tell the scheduler: they never block.
func rawRead(fd int, b []byte) (int, syscall.Errno) {
	n, _, e := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if e != 0 {
		n = 0
	}
	return int(n), e
}

func rawWrite(fd int, b []byte) (int, syscall.Errno) {
	if len(b) == 0 {
		return 0, 0
	}
	n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if e != 0 {
		n = 0
	}
	return int(n), e
}

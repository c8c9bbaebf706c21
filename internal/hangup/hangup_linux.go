package hangup

import (
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/wirews/wirews/internal/fault"
)

// Watch is a socket that is watched.
type Watch struct{ key uint64 }

// Begin watches the socket fd for l. It reports false if that is not possible.
func Begin(fd uintptr, l Listener) (w Watch, ok bool) {
	poller.once.Do(poller.open)
	if poller.file == nil {
		return Watch{}, false
	}
	w.key = poller.add(l)
	ev := event(w.key)
	err := fault.Instead(fault.EpollCtl, fd)
	if err == nil {
		err = syscall.EpollCtl(poller.fd, syscall.EPOLL_CTL_ADD, int(fd), &ev)
	}
	if err != nil {
		poller.remove(w.key)
		return Watch{}, false
	}
	return w, true
}

// End ends the watch of the socket fd. The listener is not told anything when
// End has returned, and End must not be called by it.
func (w Watch) End(fd uintptr) {
	w.Forget()
	syscall.EpollCtl(poller.fd, syscall.EPOLL_CTL_DEL, int(fd), new(syscall.EpollEvent))
}

// Forget is End for a socket that is closed, which has ended the half of it
// that is the system's.
func (w Watch) Forget() { poller.remove(w.key) }

var poller ends

// ends is an epoll instance that sees nothing but ends. It is never closed, but
// no goroutine waits for it while nothing is watched.
type ends struct {
	once sync.Once
	fd   int
	file *os.File // by which the runtime waits for it; nil if there can be none
	raw  syscall.RawConn

	mu        sync.Mutex
	waiting   bool // a goroutine is
	listeners table
}

func (p *ends) open() {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return
	}
	p.fd = fd
	syscall.SetNonblock(fd, true) // asks NewFile to wait with the runtime's poller
	file := os.NewFile(uintptr(fd), "epoll")
	p.raw, err = file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		file.Close() // the runtime cannot wait for it
		return
	}
	p.file = file
}

// longAgo as a deadline ends a wait.
var longAgo = time.Unix(1, 0)

// wait tells listeners until there are none.
func (p *ends) wait() {
	for {
		p.raw.Read(p.collect)
		p.mu.Lock()
		p.waiting = p.listeners.used > 0
		if !p.waiting {
			p.mu.Unlock()
			return
		}
		p.file.SetReadDeadline(time.Time{}) // for those who came meanwhile
		p.mu.Unlock()
	}
}

// collect tells all listeners whose sockets have ended. It never has enough.
func (p *ends) collect(uintptr) (done bool) {
	var events [64]syscall.EpollEvent
	for {
		n, err := syscall.EpollWait(p.fd, events[:], 0)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			return false
		}
		p.tell(events[:n])
	}
}

// tell holds the lock while it does so: End waits for it.
func (p *ends) tell(events []syscall.EpollEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		key := keyOf(&events[i])
		if l := p.listeners.get(key); l != nil {
			p.drop(key)
			l.HungUp()
		}
	}
}

func (p *ends) add(l Listener) (key uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key = p.listeners.add(l)
	if !p.waiting {
		p.waiting = true
		p.file.SetReadDeadline(time.Time{})
		go p.wait()
	}
	return key
}

func (p *ends) remove(key uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(key)
}

func (p *ends) drop(key uint64) {
	p.listeners.remove(key)
	if p.listeners.used == 0 && p.waiting {
		p.file.SetReadDeadline(longAgo)
	}
}

// The system keeps 64 bits for a socket, which package syscall shows as two
// halves.

func event(key uint64) syscall.EpollEvent {
	return syscall.EpollEvent{Events: syscall.EPOLLRDHUP | syscall.EPOLLONESHOT, Fd: int32(key), Pad: int32(key >> 32)}
}

func keyOf(ev *syscall.EpollEvent) uint64 { return uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32 }

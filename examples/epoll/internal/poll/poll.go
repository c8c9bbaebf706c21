//go:build linux

// Package poll is the little of Linux that both epoll servers need: an epoll
// instance that can be woken, and reading and writing that know about signals.
package poll

import (
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// What a descriptor is watched for; errors and hang-ups are always reported.
const (
	In  = unix.EPOLLIN
	Out = unix.EPOLLOUT
)

// Again is the error of Read and Write when the socket has nothing, or no room.
const Again = unix.EAGAIN

// Event says that a descriptor may be read or written: to try it is the way to
// find out. A batch may hold one for a descriptor that was closed since, and
// whose number was given out again.
type Event struct {
	Fd      int
	In, Out bool
}

// Poller watches descriptors, level-triggered. Watch, Change and Wait are for
// one goroutine, Wake is for all.
type Poller struct {
	epoll, wake int
	raw         []unix.EpollEvent
	events      []Event
}

// New returns a Poller that reports at most batch events at a time.
func New(batch int) (*Poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(epoll)
		return nil, err
	}
	p := &Poller{epoll: epoll, wake: wake, raw: make([]unix.EpollEvent, batch)}
	if err := p.Watch(wake, In); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Watch begins to watch fd. Closing fd ends it.
func (p *Poller) Watch(fd int, events uint32) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// Change changes what fd is watched for.
func (p *Poller) Change(fd int, events uint32) error {
	return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// Wait waits until something happens, Wake is called or the time has passed;
// negative: as long as it takes. The events are valid until the next call.
func (p *Poller) Wait(timeout time.Duration) (events []Event, woken bool, err error) {
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	n, err := unix.EpollWait(p.epoll, p.raw, ms)
	if err == unix.EINTR {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	p.events = p.events[:0]
	for _, ev := range p.raw[:n] {
		if int(ev.Fd) == p.wake {
			var count [8]byte
			Read(p.wake, count[:])
			woken = true
			continue
		}
		// A socket that has failed is readable and writable: the error comes
		// from whatever is tried.
		failed := ev.Events&(unix.EPOLLERR|unix.EPOLLHUP) != 0
		p.events = append(p.events, Event{
			Fd:  int(ev.Fd),
			In:  failed || ev.Events&In != 0,
			Out: failed || ev.Events&Out != 0,
		})
	}
	return p.events, woken, nil
}

// Wake ends the Wait that is going on, or the next one.
func (p *Poller) Wake() {
	one := [8]byte{0: 1, 7: 1} // not 0 in either byte order
	Write(p.wake, one[:])
}

// Close ends the Poller. Nobody may call Wake any more.
func (p *Poller) Close() {
	unix.Close(p.wake)
	unix.Close(p.epoll)
}

// Read reads once. The error is io.EOF at the end, Again if there is nothing.
func Read(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Read(fd, b)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Write writes until the socket takes no more. It returns what is left: nothing
// on success, the rest with Again.
func Write(fd int, b []byte) (rest []byte, err error) {
	for len(b) > 0 {
		n, err := unix.Write(fd, b)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return b, err
		}
		b = b[n:]
	}
	return nil, nil
}

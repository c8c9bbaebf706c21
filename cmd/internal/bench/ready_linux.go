package bench

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// tickTime is for how long a readiness waits at most, in nanoseconds.
const tickTime = int64(10e6)

// readiness is an epoll instance with a timer. Waiting for it is waiting in Go's
// own poller, which watches the instance: a thread that sleeps in epoll_wait
// would have the scheduler look for it every 20 microseconds, which costs more
// than the messages in between.
type readiness struct {
	epoll, timer int
	file         *os.File // the instance
	conn         syscall.RawConn
	raw          []unix.EpollEvent
	set          bool  // the timer is, and has not fired
	n            int   // events in raw
	err          error // of the last wait
}

func newReadiness() (*readiness, error) {
	r := &readiness{raw: make([]unix.EpollEvent, 512)}
	var err error
	if r.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	unix.SetNonblock(r.epoll, true) // tells os.NewFile that it can be polled
	r.file = os.NewFile(uintptr(r.epoll), "epoll")
	if r.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err == nil {
		// Edge-triggered: it need not be read to be set again.
		err = unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, r.timer, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: -1})
	}
	if err == nil {
		r.conn, err = r.file.SyscallConn()
	}
	if err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	return r, nil
}

func (r *readiness) close() {
	unix.Close(r.timer)
	r.file.Close()
}

// watch has the instance report events of fd as those of an index. op is one of
// unix.EPOLL_CTL_ADD and unix.EPOLL_CTL_MOD.
func (r *readiness) watch(op, fd int, events uint32, index int32) error {
	return unix.EpollCtl(r.epoll, op, fd, &unix.EpollEvent{Events: events, Fd: index})
}

// wait returns what is ready, waiting for it for at most so many nanoseconds, or
// tickTime. The events are valid until the next call.
func (r *readiness) wait(nanoseconds int64) []unix.EpollEvent {
	if nanoseconds <= 0 {
		r.poll()
		return r.raw[:r.n]
	}
	if nanoseconds < tickTime || !r.set {
		wait := unix.NsecToTimespec(min(nanoseconds, tickTime))
		unix.TimerfdSettime(r.timer, 0, &unix.ItimerSpec{Value: wait}, nil)
		r.set = true
	}
	r.conn.Read(r.ready)
	return r.raw[:r.n]
}

func (r *readiness) ready(uintptr) bool { return r.poll() }

// poll reports whether something is ready, or has failed.
func (r *readiness) poll() bool {
	r.n, r.err = unix.EpollWait(r.epoll, r.raw, 0)
	if r.err != nil {
		r.n = 0
	}
	for _, ev := range r.raw[:r.n] {
		if ev.Fd < 0 {
			r.set = false
		}
	}
	return r.n > 0 || r.err != nil && r.err != unix.EINTR
}

package bench

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// tickTime is for how long a readiness waits at most, in nanoseconds.
const tickTime = int64(10e6)

// readiness is an epoll instance that one thread waits for. While it does, it
// keeps its processor of Go's scheduler: one that it gives back, the scheduler
// looks for every 20 microseconds, and waiting in Go's own poller instead takes
// two more system calls and a change of threads. Either costs more than the
// messages in between.
type readiness struct {
	epoll  int
	events []unix.EpollEvent
	coarse bool // the kernel waits for whole milliseconds only
}

func newReadiness() (*readiness, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &readiness{epoll: epoll, events: make([]unix.EpollEvent, 512)}, err
}

func (r *readiness) close() { unix.Close(r.epoll) }

// own makes the calling goroutine the one that waits: with a thread of its own,
// which wakes in time instead of up to 50 microseconds later, and which ends
// with the goroutine.
func (r *readiness) own() {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

// watch has the instance report events of fd as those of an index. op is one of
// unix.EPOLL_CTL_ADD and unix.EPOLL_CTL_MOD.
func (r *readiness) watch(op, fd int, events uint32, index int32) error {
	return unix.EpollCtl(r.epoll, op, fd, &unix.EpollEvent{Events: events, Fd: index})
}

// wait returns what is ready, waiting for it for at most so many nanoseconds, or
// tickTime. The events are valid until the next call.
func (r *readiness) wait(nanoseconds int64) []unix.EpollEvent {
	nanoseconds = min(max(nanoseconds, 0), tickTime)
	var n int
	var e unix.Errno
	if !r.coarse {
		n, e = rawWait(r.epoll, r.events, nanoseconds)
		r.coarse = e == unix.ENOSYS // before Linux 5.11
	}
	if r.coarse {
		const ms = int64(time.Millisecond)
		n, e = rawWaitCoarse(r.epoll, r.events, (nanoseconds+ms-1)/ms)
	}
	if e != 0 { // a signal
		n = 0
	}
	return r.events[:n]
}

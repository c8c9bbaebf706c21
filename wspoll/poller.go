package wspoll

import (
	"net"
	"time"
)

// poller tells a loop which of its sockets are ready, and does their I/O, which
// never waits. Readiness is told by edges: a socket is reported when it becomes
// ready, and the loop remembers that until a read has found it dry, or a write
// has found it full. So a socket is registered once, and no system call is
// needed for not reading one for a while, or for waiting for room.
//
// add, wait and close are for the loop; wake and the I/O of a socket are for all
// goroutines, but nothing may be done with a socket during or after release and
// detach. Conn sees to that by its lock.
type poller interface {
	// adopt makes a socket of conn, which belongs to the poller from then on. If
	// there is an error, conn is still the caller's.
	adopt(conn net.Conn) (handle, error)
	// add begins to report h, under t. What h is ready for already is reported too.
	add(h handle, t token) error
	// wait waits until something is to be reported, wake is called or the time has
	// passed; negative: as long as it takes. It appends the reports to events.
	wait(events []event, timeout time.Duration) ([]event, error)
	// wake ends the wait that is going on, or the next one.
	wake()
	// close ends the poller. All its sockets have been released before.
	close()

	// read reads into p, which is not empty. dry says that there is no more for
	// now: the next report says when there is. The error is io.EOF at the end.
	read(h handle, p []byte) (n int, dry bool, err error)
	// write writes p or, if there is no room for more, the beginning of it: the
	// next report says when there is.
	write(h handle, p []byte) (n int, err error)
	// writeTwo is write for a and b after it.
	writeTwo(h handle, a, b []byte) (n int, err error)
	// shut closes the sending direction, after what was written.
	shut(h handle)
	// release closes h, after what was written.
	release(h handle)
	// detach ends the reports of h and returns it as a net.Conn that blocks, with
	// what has been received of it and not been read.
	detach(h handle) (conn net.Conn, received []byte, err error)
	// addrs returns the addresses of both ends, or nil.
	addrs(h handle) (local, remote net.Addr)
}

// writeBoth is writeTwo by write.
func writeBoth(p poller, h handle, a, b []byte) (n int, err error) {
	for _, part := range [...][]byte{a, b} {
		k, err := p.write(h, part)
		if n += k; err != nil || k < len(part) {
			return n, err
		}
	}
	return n, nil
}

// handle names a socket of a poller, which gives it out again once it has been
// released.
type handle int32

// released is the handle of a connection that has none any more.
const released handle = -1

// event is what a poller reports of a socket.
type event struct {
	token token
	what  readiness
}

// readiness is what a socket has become ready for.
type readiness uint8

const (
	readable readiness = 1 << iota
	writable
	ended // the peer has ended its sending direction, or the socket has failed
)

func (r readiness) has(v readiness) bool { return r&v != 0 }

// token is what a socket is reported under: the place of its connection in the
// table of its loop, and how often that place had been used before. A handle is
// not enough. An event that was collected before a connection was closed may be
// looked at when its handle belongs to the next one.
type token uint64

func newToken(place, turn uint32) token { return token(turn)<<32 | token(place) }

func (t token) place() uint32 { return uint32(t) }

func (t token) turn() uint32 { return uint32(t >> 32) }

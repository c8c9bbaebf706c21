package websocket

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/internal/rawio"
)

// What is written is a head and, right after it, a payload that lies elsewhere.
// The capacity of the head is scratch memory: payloads that the kernel copies
// slowly from where they lie go through it (see package pagealias).

// tryWrite writes what the transport takes without waiting: nothing, if it lends
// no descriptor. n counts the bytes of head and payload.
func (t *transport) tryWrite(d descriptor, head, payload []byte) (n int, err error) {
	var errno rawio.Errno
	switch {
	case d.lent:
		n, errno = writeNow(d.fd, head, payload)
	case t.raw == nil:
		return 0, nil
	default:
		a := attempts.Get().(*attempt)
		a.head, a.payload, a.n, a.errno = head, payload, 0, 0
		err = t.raw.Write(a.write)
		n, errno = a.n, a.errno
		a.head, a.payload = nil, nil
		attempts.Put(a)
	}
	if err == nil && errno != 0 {
		err = os.NewSyscallError("write", errno)
	}
	return n, err
}

// timeouts bound a write: as a whole, and each 64 KiB of it. Zero stands for none.
type timeouts struct{ whole, stall time.Duration }

// stallSize is how many bytes the peer has to take within a stall timeout.
const stallSize = 64 << 10

// write goes on after the first n bytes of head and payload, and waits if need
// be, as long as boundWrites has allowed. It returns how many have been written
// then.
func (t *transport) write(head, payload []byte, n int, limits timeouts) (int, error) {
	size := len(head)
	var begun time.Duration
	if limits != (timeouts{}) {
		begun = now()
	}
	for n < size+len(payload) {
		p := rest(head, payload, n)
		if limits.stall > 0 {
			p = p[:min(len(p), stallSize)]
			timeout := limits.stall
			if limits.whole > 0 {
				timeout = max(1, min(timeout, limits.whole-(now()-begun)))
			}
			t.writeDeadline().extend(timeout)
		}
		k, err := t.writeOnce(p)
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeOnce writes all of p by one call.
func (t *transport) writeOnce(p []byte) (int, error) {
	n, err := t.conn.Write(p)
	switch {
	case uint(n) > uint(len(p)):
		return 0, checkedio.Wrong("Write", t.conn, n, len(p), err)
	case n < len(p) && err == nil:
		return n, io.ErrShortWrite
	}
	return n, err
}

// rest returns what to write next, after the first n bytes of head and payload.
func rest(head, payload []byte, n int) []byte {
	size := len(head)
	switch {
	case slow(head, payload):
		return copied(head, payload, n)
	case n < size:
		return head[n:]
	}
	return payload[n-size:]
}

// slow reports whether copies are faster, and there is memory for them.
func slow(head, payload []byte) bool {
	return len(payload) > 0 && cap(head) >= 2*pagealias.PageSize && pagealias.Slow(payload, len(head))
}

// copied returns some of head and payload after the first n bytes: it copies
// payload to where head is, and over it, once that has been written. All pieces
// lie at the same distance from where the kernel copies them to.
func copied(head, payload []byte, n int) []byte {
	b, size := head[:cap(head)], len(head)
	if n < size {
		return b[n : size+copy(b[size:], payload)]
	}
	b = b[n%pagealias.PageSize:]
	return b[:copy(b, payload[n-size:])]
}

// attempt is a write that does not wait, on its way into the callback of a
// RawConn and out of it.
type attempt struct {
	write         func(fd uintptr) bool // a.run, made once
	head, payload []byte
	n             int
	errno         rawio.Errno
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.write = a.run
	return a
}}

func (a *attempt) run(fd uintptr) bool {
	a.n, a.errno = writeNow(fd, a.head, a.payload)
	return true
}

// writeNow writes what can be written without waiting.
func writeNow(fd uintptr, head, payload []byte) (n int, errno rawio.Errno) {
	switch {
	case len(payload) == 0:
		n, errno = rawio.Write(fd, head)
	case slow(head, payload):
		n, errno = writeCopies(fd, head, payload)
	case len(head) == 0:
		n, errno = rawio.Write(fd, payload)
	default:
		n, errno = rawio.WriteTwo(fd, head, payload)
	}
	if rawio.Again(errno) {
		errno = 0
	}
	return n, errno
}

func writeCopies(fd uintptr, head, payload []byte) (n int, errno rawio.Errno) {
	for all := len(head) + len(payload); n < all; {
		b := copied(head, payload, n)
		m, errno := rawio.Write(fd, b)
		if n += m; errno != 0 || m < len(b) {
			return n, errno
		}
	}
	return n, 0
}

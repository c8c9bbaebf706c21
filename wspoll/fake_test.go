package wspoll

import (
	"io"
	"net"
	"time"
)

// fake is a poller whose sockets do what a test says. It is for one goroutine: the
// test takes the loop's turns.
type fake struct {
	sockets []*fakeSocket
	events  []event
	waits   []time.Duration // what wait was given
	wakes   int
}

type fakeSocket struct {
	token    token
	in       []byte // what can be read
	endless  []byte // what can be read for ever, after in
	at       int    // in endless
	end      bool   // after in
	room     int    // how many bytes can be written; negative: as many as there are
	out      []byte
	shut     bool
	released bool
	reads    int
}

// socket adds a socket.
func (f *fake) socket(s *fakeSocket) handle {
	f.sockets = append(f.sockets, s)
	return handle(len(f.sockets) - 1)
}

// report has the next wait report something.
func (f *fake) report(h handle, what readiness) {
	f.events = append(f.events, event{f.sockets[h].token, what})
}

func (f *fake) adopt(net.Conn) (handle, error) { return released, errNoDescriptor }

func (f *fake) add(h handle, t token) error {
	f.sockets[h].token = t
	return nil
}

func (f *fake) wait(events []event, timeout time.Duration) ([]event, error) {
	f.waits = append(f.waits, timeout)
	events = append(events, f.events...)
	f.events = nil
	return events, nil
}

func (f *fake) wake()  { f.wakes++ }
func (f *fake) close() {}

func (f *fake) read(h handle, p []byte) (n int, dry bool, err error) {
	s := f.sockets[h]
	s.reads++
	n = copy(p, s.in)
	s.in = s.in[n:]
	for len(s.endless) > 0 && n < len(p) {
		k := copy(p[n:], s.endless[s.at:])
		n, s.at = n+k, (s.at+k)%len(s.endless)
	}
	if n == 0 && s.end {
		return 0, true, io.EOF
	}
	return n, n < len(p), nil
}

func (f *fake) write(h handle, p []byte) (n int, err error) {
	s := f.sockets[h]
	if n = len(p); s.room >= 0 {
		n = min(n, s.room)
		s.room -= n
	}
	s.out = append(s.out, p[:n]...)
	return n, nil
}

func (f *fake) writeTwo(h handle, a, b []byte) (n int, err error) { return writeBoth(f, h, a, b) }

func (f *fake) shut(h handle)    { f.sockets[h].shut = true }
func (f *fake) release(h handle) { f.sockets[h].released = true }

func (f *fake) detach(h handle) (net.Conn, []byte, error) { return nil, nil, errNoDescriptor }

func (f *fake) addrs(handle) (local, remote net.Addr) { return nil, nil }

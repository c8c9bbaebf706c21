package bench

import (
	"io"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/ws"
)

const haveEpoll = true

// bufferSize is how much a loop reads at once.
const bufferSize = 256 << 10

// How far a socket is.
const (
	closed = iota
	connecting
	upgrading
	open
	closing // we have said goodbye, or sent all there was
)

// socket is a link with its file descriptor.
type socket struct {
	link
	index   int32 // in the loop
	fd      int
	state   int
	watched uint32
	opened  int64 // when it began to connect
	hs      *ws.ClientHandshake
	head    []byte // of the response, as far as it has come
}

// loop drives its sockets from one goroutine over an epoll instance: no
// goroutine and no buffer for a connection.
type loop struct {
	*shared
	ready        *readiness
	sockets      []socket
	sink         *recorder
	dialer       *ws.Dialer
	to           unix.Sockaddr
	from         []unix.Sockaddr
	family       int
	buffer, room []byte
	deadline     int64 // to have opened all connections by

	following        *plan // once it has begun
	started, settled int   // sockets that connect or have, and that are open or have failed
	alive            int   // sockets that are closing
	ids              []int // of the sockets
	turns            turns // of the sockets, in an open loop
}

// newLoop returns the driver of the connections with these ids.
func newLoop(s *shared, ids []int, sink *recorder, to netip.AddrPort) (*loop, error) {
	l := &loop{shared: s, ids: ids, sink: sink, dialer: s.dialer(), buffer: make([]byte, bufferSize)}
	if s.o.Compress {
		l.room = make([]byte, bufferSize)
	}
	l.to, l.family = sockaddr(to)
	for _, a := range s.o.Sources {
		from, _ := sockaddr(netip.AddrPortFrom(a, 0))
		l.from = append(l.from, from)
	}
	for i, id := range ids {
		l.sockets = append(l.sockets, socket{link: newLink(id, s.script, s.o, sink), index: int32(i), fd: -1})
	}
	var err error
	l.ready, err = newReadiness()
	return l, err
}

func sockaddr(a netip.AddrPort) (unix.Sockaddr, int) {
	if ip := a.Addr().Unmap(); ip.Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, unix.AF_INET
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}, unix.AF_INET6
}

func (l *loop) run(opened func()) {
	defer l.ready.close()
	l.ready.own()
	if l.o.Mode == Handshake {
		opened()
		l.shakeHands()
		return
	}
	l.connectAll()
	opened()
	p := l.await()
	if p == nil {
		l.abandon()
		return
	}
	for now := l.now(); now < p.start && !l.stop.Load(); now = l.now() {
		l.poll(p.start - now)
	}
	for i := range l.sockets {
		l.sockets[i].follow(p)
	}
	l.following, l.turns = p, turns{pace: p.pace, ids: l.ids}
	for i := range l.sockets {
		// However late it is, each connection has its first messages.
		l.send(&l.sockets[i], min(l.now(), p.to-1))
	}
	for now := l.now(); now < p.to && !l.stop.Load(); now = l.now() {
		l.poll(l.due(now, p))
	}
	l.drain(p)
	l.closeAll()
}

// await waits for the plan, and answers pings meanwhile. It returns nil if there
// is none to come.
func (l *loop) await() *plan {
	for !l.stop.Load() {
		if p := l.plan.Load(); p != nil {
			return p
		}
		l.poll(int64(time.Millisecond))
	}
	return nil
}

// due sends what is due in an open loop, and returns for how long there is
// nothing to send.
func (l *loop) due(now int64, p *plan) int64 {
	wait := min(p.to-now, int64(50*time.Millisecond))
	if p.pace == nil {
		return wait
	}
	for range l.sockets {
		i, soon := l.turns.next(now)
		if soon > 0 {
			return min(wait, soon)
		}
		l.send(&l.sockets[i], now)
	}
	return 0 // and look again, after what has come
}

// drain sends the last messages that are due, and waits for the answers that
// have not come.
func (l *loop) drain(p *plan) {
	for i := range l.sockets {
		l.send(&l.sockets[i], l.now())
	}
	for now := l.now(); now < p.giveUp && l.unanswered() && !l.stop.Load(); now = l.now() {
		l.poll(int64(5 * time.Millisecond))
	}
	for i := range l.sockets {
		if s := &l.sockets[i]; s.missing() > 0 && !l.stop.Load() {
			l.failures.lose(s.id, s.missing())
		}
	}
}

func (l *loop) unanswered() bool {
	for i := range l.sockets {
		if s := &l.sockets[i]; s.state == open && s.missing() > 0 {
			return true
		}
	}
	return false
}

// poll waits for at most so many nanoseconds, and serves what is ready.
func (l *loop) poll(wait int64) {
	for _, ev := range l.ready.wait(wait) {
		l.serve(&l.sockets[ev.Fd], ev.Events)
	}
}

// serve does what a socket is ready for.
func (l *loop) serve(s *socket, events uint32) {
	switch s.state {
	case connecting:
		l.connected(s)
		return
	case upgrading:
		l.upgrade(s)
		return
	case closing:
		l.leave(s)
		return
	case closed:
		return
	}
	if events&unix.EPOLLOUT != 0 && !l.flush(s) {
		return
	}
	if events&^unix.EPOLLOUT != 0 {
		l.receive(s)
	}
}

// receive reads once: what is left makes the socket ready again.
func (l *loop) receive(s *socket) {
	n, e := rawReceive(s.fd, l.buffer)
	switch {
	case n > 0:
		l.arrived(s, l.buffer[:n])
	case e == 0:
		l.fail(s, s.broke(io.EOF))
	case e != unix.EAGAIN && e != unix.EINTR:
		l.fail(s, s.broke(e))
	}
}

// arrived takes bytes from the server, and sends what there is room for by them.
func (l *loop) arrived(s *socket, b []byte) {
	now := l.now()
	if err := s.received(b, l.room, now); err != nil {
		l.fail(s, err)
		return
	}
	l.send(s, now)
}

// send writes what is to be written at now.
func (l *loop) send(s *socket, now int64) {
	if s.state != open {
		return
	}
	if l.following != nil {
		s.issue(now)
	}
	l.flush(s)
}

// flush writes until the socket takes no more. It reports whether the socket is
// still there.
func (l *loop) flush(s *socket) bool {
	for {
		b := s.out.chunk()
		if len(b) == 0 {
			l.watch(s, unix.EPOLLIN)
			return true
		}
		n, e := rawSend(s.fd, b)
		switch e {
		case 0, unix.EINTR:
			s.out.wrote(n)
		case unix.EAGAIN:
			l.watch(s, unix.EPOLLIN|unix.EPOLLOUT)
			return true
		default:
			l.fail(s, s.broke(e))
			return false
		}
	}
}

// watch changes what a socket is watched for.
func (l *loop) watch(s *socket, events uint32) {
	if s.watched == events {
		return
	}
	op := unix.EPOLL_CTL_MOD
	if s.watched == 0 {
		op = unix.EPOLL_CTL_ADD
	}
	l.ready.watch(op, s.fd, events, s.index)
	s.watched = events
}

// fail ends a connection that something went wrong on.
func (l *loop) fail(s *socket, err error) {
	if s.state == connecting || s.state == upgrading {
		err = failure(Refused, err)
		l.settled++
	}
	l.failures.add(s.id, err)
	if n := s.giveUp(); n > 0 {
		l.failures.lose(s.id, n)
	}
	l.close(s)
}

// close resets a connection, so that no port stays in use by it.
func (l *loop) close(s *socket) {
	if s.fd < 0 {
		return
	}
	if s.state == open {
		l.open.Add(-1)
	}
	unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	unix.Close(s.fd)
	s.fd, s.state, s.watched, s.hs, s.head = -1, closed, 0, nil, nil
}

func (l *loop) abandon() {
	for i := range l.sockets {
		l.close(&l.sockets[i])
	}
}

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/ws"
)

// backlog is how many connections of a loop open at the same time: no more than
// the queue that a server's kernel keeps by default.
const backlog = 128

// connectAll opens the connections.
func (l *loop) connectAll() {
	for l.settled < len(l.sockets) && !l.stop.Load() {
		for l.started < len(l.sockets) && l.started-l.settled < backlog {
			l.connect(&l.sockets[l.started])
			l.started++
		}
		l.poll(int64(10 * time.Millisecond))
		l.expire()
	}
}

// expire fails what has been opening for too long.
func (l *loop) expire() {
	now := l.now()
	if now < l.deadline {
		return
	}
	l.deadline = now + int64(l.o.Timeout)/8
	for i := range l.sockets {
		s := &l.sockets[i]
		if (s.state == connecting || s.state == upgrading) && now-s.opened > int64(l.o.Timeout) {
			l.fail(s, errTimeout)
		}
	}
}

// connect begins to connect.
func (l *loop) connect(s *socket) {
	s.state, s.opened = connecting, l.now()
	fd, err := unix.Socket(l.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		l.fail(s, fmt.Errorf("socket: %w; ulimit -n is the number of descriptors", err))
		return
	}
	s.fd = fd
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if len(l.from) > 0 {
		// The port is chosen when the other end is known, so that the same one
		// serves for several.
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		if err := unix.Bind(fd, l.from[s.id%len(l.from)]); err != nil {
			l.fail(s, fmt.Errorf("bind to %v: %w", l.o.Sources[s.id%len(l.from)], err))
			return
		}
	}
	if err := unix.Connect(fd, l.to); err != nil && err != unix.EINPROGRESS {
		l.fail(s, fmt.Errorf("connect: %w", err))
		return
	}
	l.watch(s, unix.EPOLLOUT)
}

// connected goes on to the handshake.
func (l *loop) connected(s *socket) {
	if code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
		l.fail(s, fmt.Errorf("connect: %w", errors.Join(err, unix.Errno(code))))
		return
	}
	l.watch(s, unix.EPOLLIN)
	if l.o.Raw {
		l.begin(s)
		return
	}
	s.state, s.hs = upgrading, &ws.ClientHandshake{Dialer: l.dialer}
	request, err := s.hs.AppendRequest(l.buffer[:0], l.o.URL)
	if err != nil {
		l.fail(s, err)
		return
	}
	if n, e := rawSend(s.fd, request); e != 0 {
		l.fail(s, e)
	} else if n < len(request) {
		l.fail(s, errors.New("the socket does not take the request at once"))
	}
}

// upgrade takes what has come of the response.
func (l *loop) upgrade(s *socket) {
	n, e := rawReceive(s.fd, l.buffer)
	switch {
	case e == unix.EAGAIN || e == unix.EINTR:
		return
	case e != 0:
		l.fail(s, e)
		return
	case n == 0:
		l.fail(s, errors.New("the server has ended the connection instead of answering"))
		return
	}
	head := l.buffer[:n]
	if len(s.head) > 0 {
		s.head = append(s.head, head...)
		head = s.head
	}
	hs, n, err := s.hs.Next(head)
	if err == ws.ErrShort {
		s.head = bytes.Clone(head)
		return
	}
	if err != nil {
		l.fail(s, err)
		return
	}
	d, err := l.decoder(hs)
	if err != nil {
		l.fail(s, err)
		return
	}
	s.in.recv.Decoder = d
	rest := head[n:]
	s.head, s.hs = nil, nil
	l.begin(s)
	if len(rest) > 0 && s.state == open {
		l.arrived(s, rest)
	}
}

// begin begins the use of a connection.
func (l *loop) begin(s *socket) {
	if l.o.Mode == Handshake {
		l.sink.lock()
		l.sink.answer(s.opened, l.now())
		l.sink.unlock()
		l.close(s)
		l.connect(s)
		return
	}
	s.state = open
	l.settled++
	l.open.Add(1)
}

// shakeHands opens connections, resets them and opens them again; but for those
// that were refused.
func (l *loop) shakeHands() {
	p := l.await()
	if p == nil {
		return
	}
	for i := range l.sockets {
		l.connect(&l.sockets[i])
	}
	for now := l.now(); now < p.to && !l.stop.Load(); now = l.now() {
		l.poll(int64(50 * time.Millisecond))
		l.expire()
	}
	l.abandon()
}

// closeAll takes leave of the server: with a close frame, or with the end of
// what is sent if it knows none. What it does not answer in time is reset.
func (l *loop) closeAll() {
	left := 0
	for i := range l.sockets {
		s := &l.sockets[i]
		if s.state != open || len(s.out.chunk()) > 0 {
			l.close(s)
			continue
		}
		l.open.Add(-1)
		s.state = closing
		left++
		if l.o.Raw {
			unix.Shutdown(s.fd, unix.SHUT_WR)
		} else {
			rawSend(s.fd, appendClose(nil))
		}
	}
	l.alive = left
	for end := l.now() + leaveTime; l.alive > 0 && l.now() < end && !l.stop.Load(); {
		l.poll(int64(5 * time.Millisecond))
	}
	l.abandon()
}

// leave waits for the server to end the connection. One that answers, and then
// waits for us to do so, sees the end of what we send.
func (l *loop) leave(s *socket) {
	switch n, e := rawReceive(s.fd, l.buffer); {
	case n > 0:
		unix.Shutdown(s.fd, unix.SHUT_WR)
	case e != unix.EAGAIN && e != unix.EINTR:
		l.alive--
		l.close(s)
	}
}

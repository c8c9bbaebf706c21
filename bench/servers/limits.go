package main

import (
	"net"
	"sync"
	"syscall"
)

var limits = []server{
	{name: "raw-epoll", role: limit, raw: true, about: "TCP echo on an epoll loop: no WebSocket, no goroutine", run: func(addr string, ready func(net.Addr)) error {
		return runLoops(addr, ready, func(*loop) handler { return rawEcho{} })
	}},
	{name: "raw", role: limit, raw: true, about: "TCP echo on net.Conn, a goroutine per connection", run: perConn(raw)},
	{name: "limit-epoll", role: limit, about: "minimal WebSocket echo on an epoll loop, in place and without a check", run: func(addr string, ready func(net.Addr)) error {
		return runLoops(addr, ready, func(*loop) handler { return new(minimal) })
	}},
	{name: "limit-gonet", role: limit, about: "the same on net.Conn: a goroutine per connection that stays in one RawConn.Read", run: perConn(limitGonet)},
}

// bufferSize is that of every server here that has buffers, in bytes.
const bufferSize = 32 << 10

// raw echoes bytes without looking at them: what net.Conn itself costs.
func raw(conn net.Conn) {
	b := make([]byte, bufferSize)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		if _, err = conn.Write(b[:n]); err != nil {
			return
		}
	}
}

// rawEcho is the same on a loop.
type rawEcho struct{}

func (rawEcho) receive(_, b []byte) ([]byte, bool) { return b, true }

// buffers are lent to connections that have something to read.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, headRoom+bufferSize)
	return &b
}}

// limitGonet reads, handles and writes inside one RawConn.Read, so that a read
// which finds nothing is never made: after one that has not filled the buffer it
// waits.
func limitGonet(conn net.Conn) {
	rc, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return
	}
	var m minimal
	rc.Read(func(fd uintptr) bool {
		lent := buffers.Get().(*[]byte)
		defer buffers.Put(lent)
		for buffer := *lent; ; {
			n, e := rawRead(int(fd), buffer[headRoom:])
			if e == syscall.EAGAIN {
				return false
			}
			if e != 0 || n == 0 {
				return true
			}
			out, ok := m.receive(buffer, buffer[headRoom:headRoom+n])
			if !ok {
				return true
			}
			w, e := rawWrite(int(fd), out)
			if e != 0 && e != syscall.EAGAIN {
				return true
			}
			if w < len(out) {
				if _, err := conn.Write(out[w:]); err != nil {
					return true
				}
			}
			if n < bufferSize {
				return false
			}
		}
	})
}

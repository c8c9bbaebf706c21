package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/ws"
)

// client holds connections, answers pings, and counts what else it hears. A connection
// costs it a descriptor, and no memory of its own.
type client struct {
	epoll  int
	server unix.Sockaddr
	source unix.Sockaddr
	heard  atomic.Int64 // broadcasts
	lost   atomic.Int64 // connections that have ended, or brought something else
}

const request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// connect is a client. It says how many connections it has opened, and then answers
// each line of its standard input with what it has heard and lost.
func connect(addr, source string, n int) {
	to, err := netip.ParseAddrPort(addr)
	fatal(err)
	from, err := netip.ParseAddr(source)
	fatal(err)
	c := &client{server: &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}, source: &unix.SockaddrInet4{Addr: from.As4()}}
	c.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	fatal(err)
	go c.listen()
	opened, err := c.openAll(n)
	fmt.Println(opened)
	if err != nil {
		fmt.Fprintln(os.Stderr, "a client:", err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(c.heard.Load(), c.lost.Load())
	}
}

// openAll opens n connections, some at a time, and returns how many it could. A busy
// machine may take longer for a handshake than the server waits; then it is tried again.
func (c *client) openAll(n int) (opened int, err error) {
	const atOnce = 64 // on a busy machine, what takes long is to be scheduled
	const retries = 1000
	var next, done, failed atomic.Int64
	errs := make(chan error, atOnce)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				for {
					err := c.open()
					if err == nil {
						break
					}
					if failed.Add(1) > retries {
						errs <- err
						return
					}
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	close(errs)
	return int(done.Load()), <-errs
}

// open opens a connection, and gives it to listen.
func (c *client) open() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 60})
	if err = unix.Bind(fd, c.source); err == nil {
		if err = unix.Connect(fd, c.server); err == unix.EINTR {
			err = awaitConnected(fd)
		}
	}
	if err == nil {
		_, err = unix.Write(fd, []byte(request))
	}
	if err == nil {
		err = awaitHead(fd)
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil {
		err = unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	}
	if err != nil {
		unix.Close(fd)
	}
	return err
}

// awaitConnected waits for a connection whose connect was interrupted: it goes on.
func awaitConnected(fd int) error {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return os.NewSyscallError("poll", err)
		}
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		return err
	}
}

// awaitHead reads the answer to a handshake. Nothing comes right after it.
func awaitHead(fd int) error {
	var head []byte
	for b := make([]byte, 1024); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		n, err := unix.Read(fd, b)
		if err == unix.EINTR { // a signal of Go's own; a read with a timeout is not restarted
			continue
		}
		if err != nil {
			return os.NewSyscallError("read", err)
		}
		if n == 0 {
			return errors.New("the server has closed the connection before its answer")
		}
		head = append(head, b[:n]...)
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("the answer is %.100q", head)
	}
	return nil
}

// listen takes what comes.
func (c *client) listen() {
	events := make([]unix.EpollEvent, 1024)
	b := make([]byte, 4096)
	for {
		n, err := unix.EpollWait(c.epoll, events, -1)
		if err != nil && err != unix.EINTR {
			fatal(os.NewSyscallError("epoll_wait", err))
		}
		for _, ev := range events[:max(n, 0)] {
			fd := int(ev.Fd)
			if k, err := unix.Read(fd, b); err == unix.EAGAIN {
				continue
			} else if err != nil || k == 0 || !c.take(fd, b[:k]) {
				c.lost.Add(1)
				unix.Close(fd)
			}
		}
	}
}

var pong = ws.AppendFrame(nil, ws.MaskFrame(ws.NewPongFrame(nil)))

// take takes frames, which are whole: each is much shorter than a segment. It reports
// false for what it does not expect.
func (c *client) take(fd int, b []byte) bool {
	for len(b) > 0 {
		h, n, err := ws.ParseHeader(b)
		if err != nil || int64(len(b)-n) < h.Length {
			return false
		}
		payload := b[n : n+int(h.Length)]
		b = b[n+int(h.Length):]
		switch {
		case h.OpCode == ws.OpPing:
			if _, err := unix.Write(fd, pong); err != nil {
				return false
			}
		case h.OpCode == ws.OpText && string(payload) == broadcast:
			c.heard.Add(1)
		default:
			return false
		}
	}
	return true
}

// localAddr is that of the i-th client, of 127.0.0.0/8.
func localAddr(i int) string { return net.IPv4(127, 1, byte(i/250), byte(1+i%250)).String() }

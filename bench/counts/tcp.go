package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/ws"
)

// overTCP is an echo server on TCP that gets so many frames at once, and the next
// ones when it has answered and waits: one time is all of them. Its client takes
// two calls of the system for that, callsOfClient.
func overTCP(frames, size int, serve func(net.Conn)) func(int) (int, int) {
	batch := bytes.Repeat(frame(size), frames)
	answer := make([]byte, frames*len(ws.AppendFrame(nil, ws.NewBinaryFrame(make([]byte, size)))))
	return func(n int) (int, int) {
		fd := dial(serve)
		defer unix.Close(fd)
		for range n {
			time.Sleep(time.Millisecond) // it has found nothing by then, and waits
			exchange(fd, batch, answer)
		}
		return 0, 0
	}
}

const callsOfClient = 2

func exchange(fd int, out, in []byte) {
	if _, err := unix.Write(fd, out); err != nil {
		panic(err)
	}
	// Package unix's Recvfrom allocates.
	n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(in))), uintptr(len(in)), unix.MSG_WAITALL, 0, 0)
	if errno != 0 || int(n) != len(in) {
		panic(fmt.Sprint(n, errno))
	}
}

// dial connects to a server, and asks it to upgrade, by a socket that blocks.
func dial(serve func(net.Conn)) (fd int) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: l.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		panic(err)
	}
	conn, err := l.Accept()
	if err != nil {
		panic(err)
	}
	go func() {
		defer conn.Close()
		serve(conn)
	}()
	unix.Write(fd, browser)
	for head := []byte(nil); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		var b [1]byte
		if n, err := unix.Read(fd, b[:]); n == 0 || err != nil {
			panic(fmt.Sprint("no handshake: ", err))
		}
		head = append(head, b[0])
	}
	return fd
}

// upgraded is a server whose connections begin with a handshake.
func upgraded(serve func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := ws.Upgrade(conn); err != nil {
			panic(err)
		}
		serve(conn)
	}
}

// systemCalls returns how often this program reads and writes if it does an
// operation n times, without its client.
func systemCalls(name string, n int) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "counts")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "calls")
	cmd := exec.Command("strace", "-f", "-y", "-qq", "-e", "signal=none", "-e", "trace="+traced, "-o", file, self, "-op", name, "-n", strconv.Itoa(n))
	cmd.Env = append(os.Environ(), "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("strace: %w: %s", err, out)
	}
	calls, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return int64(len(onSocket.FindAll(calls, -1)) - callsOfClient*n), nil
}

const traced = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg"

// onSocket finds where a call begins: it takes two lines if another thread makes
// one meanwhile. The runtime reads and writes an eventfd too.
var onSocket = regexp.MustCompile(`(?m)^\d+ +\w+\(\d+<(socket|TCP)`)

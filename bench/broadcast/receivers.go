package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// receivers is a process that receives. By its standard input it is told how many
// bytes to await more than before, and it answers with a line when they are there.
type receivers struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startReceivers(addr string, m measurement) (*receivers, error) {
	cmd := exec.Command(executable(), "-receive", addr, "-receivers", strconv.Itoa(m.receivers), "-stalled", strconv.Itoa(m.stalled))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &receivers{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

// awaitMost is how long await waits: on a machine that is much too busy, the kernel gives
// up connections, and what was sent on them never comes.
const awaitMost = 2 * time.Minute

// await returns when n bytes more have been received, of all connections together.
func (r *receivers) await(n int) error {
	fmt.Fprintln(r.in, n)
	late := time.AfterFunc(awaitMost, func() { r.cmd.Process.Kill() })
	defer late.Stop()
	line, err := r.out.ReadString('\n')
	if err == io.EOF {
		err = fmt.Errorf("not all of %d bytes have come within %v, or the receivers have ended", n, awaitMost)
	}
	if err == nil && line != "ok\n" {
		err = fmt.Errorf("the receivers say %q", line)
	}
	return err
}

// latencies returns how late messages came, in words. The payload of each begins
// with the time.
func (r *receivers) latencies() string {
	fmt.Fprintln(r.in, "latencies")
	line, err := r.out.ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func (r *receivers) stop() {
	r.in.Close()
	r.cmd.Wait()
}

const request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// tally counts bytes, and says when there are as many as are awaited.
type tally struct {
	mu   sync.Mutex
	more sync.Cond
	got  int
	late []time.Duration
}

// receive is the other process: it opens connections, and drops what it receives.
// Those that take nothing have a small buffer of the kernel's, and never read.
func receive(addr string, m measurement) {
	var t tally
	t.more.L = &t.mu
	for i := range m.receivers {
		stalled := i < m.stalled
		r, err := open(addr, stalled)
		if err != nil {
			log.Fatal(err)
		}
		if !stalled {
			go t.count(r)
		}
	}
	want := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "latencies":
			fmt.Println(quantiles(t.late))
			continue
		case "say":
			if err := say(); err != nil {
				log.Fatal(err)
			}
			continue
		}
		more, err := strconv.Atoi(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		want += more
		t.await(want)
		fmt.Println("ok")
	}
	os.Exit(0)
}

// open does the handshake, and returns what comes after it.
func open(addr string, stalled bool) (io.Reader, error) {
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		if !stalled {
			return nil
		}
		return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
	}}
	conn, err := dialer.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	kept = append(kept, conn)
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(conn, 4<<10)
	for line := ""; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// kept are the connections, which would be closed if nothing referred to them.
var kept []net.Conn

func (t *tally) count(r io.Reader) {
	b := make([]byte, 64<<10)
	for {
		n, err := r.Read(b)
		if err != nil {
			return
		}
		late := time.Duration(0)
		if i := bytes.IndexByte(b[:min(n, 12)], '0'); i >= 0 && i+20 <= n { // after the header of a frame
			if at, err := strconv.ParseInt(string(b[i:i+20]), 10, 64); err == nil {
				late = time.Since(time.Unix(0, at))
			}
		}
		t.mu.Lock()
		if t.got += n; late > 0 {
			t.late = append(t.late, late)
		}
		t.more.Signal()
		t.mu.Unlock()
	}
}

func (t *tally) await(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.got < n {
		t.more.Wait()
	}
}

package attack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// link is a connection of an attack.
type link struct {
	net.Conn
	t   *trial
	tcp *net.TCPConn
	in  []byte // received, and not yet looked at
}

// reset ends the connection without a word.
func (l *link) reset() {
	if l.tcp != nil {
		l.tcp.SetLinger(0)
		l.tcp.Close()
	}
}

// send sends all of b, within the time that servers have to answer.
func (l *link) send(b []byte) error {
	l.SetWriteDeadline(time.Now().Add(l.t.o.answer()))
	n, err := l.Write(b)
	l.t.sent.Add(int64(n))
	return err
}

// more receives once.
func (l *link) more(until time.Time) error {
	l.SetReadDeadline(until)
	var b [16 << 10]byte
	n, err := l.Read(b[:])
	l.in = append(l.in, b[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

// answer is a response to a request.
type answer struct {
	status int
	head   string
}

// maxHead bounds the head of an answer.
const maxHead = 1 << 20

// answer receives the head of a response.
func (l *link) answer(until time.Time) (a answer, err error) {
	for {
		if i := bytes.Index(l.in, []byte("\r\n\r\n")); i >= 0 {
			a.head = string(l.in[:i+2])
			l.in = l.in[i+4:]
			break
		}
		if len(l.in) > maxHead {
			return a, errors.New("an answer without an end")
		}
		if err := l.more(until); err != nil {
			return a, err
		}
	}
	_, rest, _ := strings.Cut(a.head, " ")
	if len(rest) < 3 || !strings.HasPrefix(a.head, "HTTP/1.") {
		return a, fmt.Errorf("no HTTP in %q", a.head)
	}
	a.status, err = strconv.Atoi(rest[:3])
	return a, err
}

// errTooLong is about a frame that nobody here has asked for.
var errTooLong = errors.New("the server sends a frame of more than 64 MiB")

// frame receives a frame.
func (l *link) frame(until time.Time) (frame, error) {
	for {
		f, n := parseFrame(l.in)
		if n > 0 {
			l.in = l.in[n:]
			return f, nil
		}
		if len(l.in) > 64<<20 {
			return f, errTooLong
		}
		if err := l.more(until); err != nil {
			return f, err
		}
	}
}

// ending is how a server has ended a connection, or that it has not.
type ending struct {
	over   bool
	code   int // of its close frame; 0: none
	reset  bool
	data   int64 // payload of messages that came before
	frames int
}

func (e ending) String() string {
	switch {
	case !e.over && e.code != 0:
		return fmt.Sprintf("it sent %d and kept the connection", e.code)
	case !e.over:
		return "it kept the connection"
	case e.code != 0:
		return fmt.Sprintf("it ended the connection with %d", e.code)
	case e.reset:
		return "it reset the connection"
	}
	return "it ended the connection without a close frame"
}

// noCode is a close frame without one (RFC 6455, section 7.1.5).
const noCode = 1005

// ending receives until the connection has ended, or the time is over.
func (l *link) ending(until time.Time) (e ending) {
	for {
		f, err := l.frame(until)
		if err != nil {
			e.over = !errors.Is(err, os.ErrDeadlineExceeded) && err != errTooLong
			e.reset = errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
			return e
		}
		e.frames++
		switch op := f.first & 15; {
		case op == closing && e.code == 0:
			if e.code = noCode; len(f.payload) >= 2 {
				e.code = int(binary.BigEndian.Uint16(f.payload))
			}
			// Servers wait for the answer; what ends the connection is theirs, soon.
			if soon := l.t.soon(); soon.Before(until) {
				until = soon
			}
			l.send(appendFrame(nil, final|closing, f.payload))
		case op < 8:
			e.data += int64(len(f.payload))
		}
	}
}

// drop receives and forgets, in a goroutine of its own, until the connection ends.
func (l *link) drop() {
	l.SetReadDeadline(time.Time{})
	go io.Copy(io.Discard, l.Conn)
}

// ended reports whether an error of sending says that the server has ended the
// connection.
func ended(err error) bool { return err != nil && !errors.Is(err, os.ErrDeadlineExceeded) }

// stuck reports whether it says that the server takes no more.
func stuck(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

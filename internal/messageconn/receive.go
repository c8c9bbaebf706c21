package messageconn

import (
	"errors"
	"io"
	"net"
	"os"

	"github.com/wirews/wirews/ws"
)

// MaxUnread is how many bytes may have been received and wait to be read, where a
// message counts as unreadEach more of them. If they do and another message comes, the
// connection ends with [ErrUnread].
const MaxUnread = 64 << 20

const unreadEach = 128

// ErrUnread says that more was received than is kept for somebody to read it.
var ErrUnread = errors.New("64 MiB of messages wait to be read, and more come: a web page cannot have the server wait, so read faster, or have the server send less")

// incoming is what has been received and not been read.
type incoming struct {
	frames []incomingFrame
	size   int   // of frames, in bytes
	end    error // what comes after frames: nil as long as there may be more
}

type incomingFrame struct {
	head    []byte  // that has not been read; of a close frame, all of it
	payload Payload // nil for a close frame
	at      int     // how much of payload has been read
	size    int     // what it counts as
}

// Received takes a message of text, if op is ws.OpText, or of bytes. It does not wait.
func (c *Conn) Received(op ws.OpCode, p Payload) {
	head := ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: op, Length: int64(p.Len())})
	if !c.enqueue(incomingFrame{head: head, payload: p, size: p.Len() + unreadEach}) {
		c.socket.Close(ws.StatusNoStatusRcvd, "")
	}
}

// Ended says that the connection has ended, with the peer's close frame or, if the code
// is ws.StatusAbnormalClosure, without.
func (c *Conn) Ended(code ws.StatusCode, reason string) {
	if code != ws.StatusAbnormalClosure {
		payload := ws.AppendClose(nil, code, reason)
		head := ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpClose, Length: int64(len(payload))})
		c.enqueue(incomingFrame{head: append(head, payload...)})
	}
	c.mu.Lock()
	if c.in.end == nil {
		c.in.end = io.EOF
	}
	c.mu.Unlock()
	c.tell()
}

// enqueue reports false if it was one frame too many.
func (c *Conn) enqueue(f incomingFrame) (ok bool) {
	c.mu.Lock()
	switch {
	case c.in.end != nil:
		ok = true
	case f.payload != nil && c.in.size > MaxUnread:
		c.in.end = ErrUnread
	default:
		c.in.frames = append(c.in.frames, f)
		c.in.size += f.size
		ok = true
	}
	c.mu.Unlock()
	c.tell()
	return ok
}

// Read reads what has been received, or waits for it.
func (c *Conn) Read(p []byte) (int, error) {
	for {
		n, news, err := c.take(p)
		if news == nil {
			return n, err
		}
		if err := c.reading.Wait(news); err != nil {
			return 0, err
		}
	}
}

// take takes what is there. If nothing is, news is closed when that may have changed.
func (c *Conn) take(p []byte) (n int, news <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return 0, nil, net.ErrClosed
	case c.reading.Passed():
		return 0, nil, os.ErrDeadlineExceeded
	}
	for n < len(p) && len(c.in.frames) > 0 {
		n += c.in.takeFirst(p[n:])
	}
	switch {
	case n > 0 || len(p) == 0:
		return n, nil, nil
	case c.in.end != nil:
		return 0, nil, c.in.end
	}
	return 0, c.wait(), nil
}

// takeFirst takes from the first frame, and drops it when all of it has been taken.
func (in *incoming) takeFirst(p []byte) int {
	f := &in.frames[0]
	n := copy(p, f.head)
	f.head = f.head[n:]
	if f.payload != nil && n < len(p) {
		k := f.payload.CopyAt(p[n:], f.at)
		f.at += k
		n += k
	}
	if len(f.head) == 0 && (f.payload == nil || f.at == f.payload.Len()) {
		in.size -= f.size
		*f = incomingFrame{}
		in.frames = in.frames[1:]
	}
	return n
}

package serve

import (
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// wire is the sending half of a connection. send and flush are for the
// goroutine that reads, the other methods for any.
type wire struct {
	conn    net.Conn
	timeout time.Duration // for the peer to take the next piece of what is sent
	vars    *vars
	deflate *wsflate.Deflate // compression as it was agreed on; nil: none

	out []byte // frames for the next write; lent by buffers, nil if there are none

	mu sync.Mutex // serialises writes
	// done: nothing may be written any more, because a close frame was (RFC
	// 6455, 5.5.1) or because a write has failed, perhaps inside a frame.
	done bool
	err  error // of the write that has failed
}

// send appends a frame to those that the next flush writes, or writes it if it
// is too long for that.
func (w *wire) send(op ws.OpCode, p []byte) error {
	var rsv byte
	if op.IsData() {
		w.vars.sent.count(len(p))
		if w.deflate != nil {
			room := buffers.Get().(*[bufferSize]byte)
			defer buffers.Put(room)
			rsv, p = w.encode(room[:0], op, p)
		}
	}
	h := ws.NewFrame(op, true, p).Header
	h.Rsv = rsv
	if ws.MaxHeaderSize+len(p) > bufferSize-len(w.out) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.out == nil {
		w.out = buffers.Get().(*[bufferSize]byte)[:0]
	}
	// Of a long payload as much as fits leaves together with the header.
	w.out = ws.AppendHeader(w.out, h)
	n := min(len(p), bufferSize-len(w.out))
	w.out = append(w.out, p[:n]...)
	if n == len(p) {
		return nil
	}
	return w.flushWith(p[n:])
}

// encode returns a message as it is sent, in the memory of dst if that suffices,
// and the bits that say how. It is for the one goroutine that sends messages:
// they are compressed in their order.
func (w *wire) encode(dst []byte, op ws.OpCode, p []byte) (rsv byte, _ []byte) {
	if w.deflate == nil {
		return 0, p
	}
	if rsv = w.deflate.BeginEncode(op, int64(len(p))); rsv == 0 {
		return 0, p
	}
	return rsv, w.deflate.Encoder().AppendMessage(dst, p)
}

// push writes the frame of a message of size bytes at once. It is for a
// goroutine beside the one that reads: the connection is cut if it fails, so
// that the latter comes to know.
func (w *wire) push(frame []byte, size int) error {
	w.vars.sent.count(size)
	err := w.write(false, frame)
	if err != nil {
		w.cut()
	}
	return err
}

// flush writes what has gathered.
func (w *wire) flush() error {
	if w.out == nil {
		return nil
	}
	return w.flushWith(nil)
}

// flushWith writes what has gathered, and the rest of its last frame.
func (w *wire) flushWith(rest []byte) error {
	err := w.write(false, w.out, rest)
	buffers.Put((*[bufferSize]byte)(w.out[:bufferSize]))
	w.out = nil
	return err
}

// close sends a close frame, if none was sent yet.
func (w *wire) close(code ws.StatusCode, reason string) {
	f := ws.NewCloseFrame(ws.AppendClose(nil, code, reason))
	if w.write(true, ws.AppendFrame(nil, f)) != nil {
		w.cut()
	}
}

// cut ends the connection at once, whoever reads or writes.
func (w *wire) cut() {
	conn := w.conn
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn() // t's own Close waits for the peer to take an alert
	}
	conn.Close()
}

// write writes frames, in parts between which no other frame comes; the last
// of them is a close frame if last is set. What comes behind the end of the
// wire is dropped.
func (w *wire) write(last bool, parts ...[]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	for _, part := range parts {
		// A deadline for each piece tells a peer that takes nothing from one
		// that is slow to take something long.
		for piece := range slices.Chunk(part, bufferSize) {
			if w.timeout > 0 {
				w.conn.SetWriteDeadline(time.Now().Add(w.timeout))
			}
			if _, err := w.conn.Write(piece); err != nil {
				w.done, w.err = true, err
				return err
			}
		}
	}
	w.done = last
	return nil
}

// failure returns the error of the write that has failed, if one has.
func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

package websocket

import (
	"io"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/ws"
)

// NextWriter returns a writer for a message of any type, which is sent as it is
// written and ends with Close. What is written is collected in a buffer of
// WriteBufferSize bytes, each of which becomes a frame. A writer that is open is
// closed before: there is one at a time. The writer also has the methods of an
// io.StringWriter and an io.ReaderFrom. The errors are those of WriteMessage.
func (c *Conn) NextWriter(messageType int) (io.WriteCloser, error) {
	c.out.messages.Lock()
	defer c.out.messages.Unlock()
	if err := c.begin(messageType); err != nil {
		return nil, err
	}
	w := &messageWriter{c: c, messageType: messageType, how: c.out.now()}
	w.borrow()
	c.out.writer = w
	return w, nil
}

// messageWriter is what NextWriter returns. Its fields are guarded by messages.
type messageWriter struct {
	c           *Conn
	messageType int
	how         settings // when it began: whether and how it is compressed
	lent        *lentBuffer
	buf         []byte // lent's, with what was written and has not been sent
	begun       bool   // the Sender knows of the message
	err         error  // what Write and Close return; nil: it is open
}

// lentBuffer is what a BufferPool gets to keep.
type lentBuffer struct{ b []byte }

func (w *messageWriter) borrow() {
	o := &w.c.out
	if o.pool != nil {
		w.lent, _ = o.pool.Get().(*lentBuffer)
	}
	if w.lent == nil || cap(w.lent.b) < o.size {
		w.lent = &lentBuffer{make([]byte, 0, o.size)}
	}
	w.buf = w.lent.b[:0:o.size]
}

// end ends the message: err is what is returned from then on.
func (w *messageWriter) end(err error) {
	w.err = err
	if w.c.out.writer == w {
		w.c.out.writer = nil
	}
	if w.c.out.pool != nil {
		w.c.out.pool.Put(w.lent)
	}
	w.lent, w.buf = nil, nil
}

// Write writes to the message.
func (w *messageWriter) Write(p []byte) (int, error) {
	w.c.out.messages.Lock()
	defer w.c.out.messages.Unlock()
	return writeTo(w, p)
}

// WriteString is Write for a string.
func (w *messageWriter) WriteString(s string) (int, error) {
	w.c.out.messages.Lock()
	defer w.c.out.messages.Unlock()
	return writeTo(w, s)
}

// writeTo is Write for either. The caller holds messages.
func writeTo[T []byte | string](w *messageWriter, p T) (n int, err error) {
	for n < len(p) || n == 0 {
		if w.err != nil {
			return n, w.err
		}
		if isControl(w.messageType) && len(w.buf)+len(p) > ws.MaxControlFramePayloadSize {
			w.end(errLongControl)
			return n, w.err
		}
		if len(w.buf) == cap(w.buf) {
			w.flush(false)
			continue
		}
		k := copy(w.buf[len(w.buf):cap(w.buf)], p[n:])
		w.buf = w.buf[:len(w.buf)+k]
		if n += k; len(p) == 0 {
			break
		}
	}
	return n, nil
}

// ReadFrom writes all that r has. Its buffer is of 64 KiB at least, so that what is
// copied from one connection to another goes in few frames.
func (w *messageWriter) ReadFrom(r io.Reader) (int64, error) {
	mem := bufpool.Borrow(wholeSize)
	defer mem.GiveBack()
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, mem.B[:cap(mem.B)])
}

// Close sends the end of the message.
func (w *messageWriter) Close() error {
	w.c.out.messages.Lock()
	defer w.c.out.messages.Unlock()
	return w.close()
}

// close is Close for who holds messages.
func (w *messageWriter) close() error {
	if w.err != nil {
		return w.err
	}
	if isControl(w.messageType) {
		err := w.c.writeControl(w.messageType, w.buf)
		if w.end(errWriterClosed); err != nil {
			w.err = err
		}
		return err
	}
	if w.flush(true); w.err != nil {
		return w.err
	}
	w.end(errWriterClosed)
	return nil
}

// flush sends what is in the buffer as a frame. An error is the end of the message.
func (w *messageWriter) flush(last bool) {
	if err := w.c.writeFragment(w, last); err != nil {
		w.end(err)
	}
	w.buf = w.buf[:0]
}

// writeFragment sends a frame of a message.
func (c *Conn) writeFragment(w *messageWriter, last bool) error {
	how := c.lockWire()
	defer c.unlockWire()
	if err := c.out.failed(); err != nil {
		return err
	}
	s := &c.out.sender
	if !w.begun {
		c.encode(w.how)
		if err := s.BeginMessage(opcode(w.messageType), -1); err != nil {
			return err
		}
		w.begun = true
	}
	mem := bufpool.Borrow(len(w.buf) + ws.MaxHeaderSize)
	defer mem.GiveBack()
	frame, err := s.AppendFragment(mem.B, w.buf, last)
	if err != nil || len(frame) == 0 {
		return err
	}
	return c.write(how.deadline, frame)
}

package wsutil

import (
	"errors"
	"io"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// SharedWriter lets any number of goroutines write to one connection. Messages
// exclude each other, be they of one frame or of many; control frames, and the
// answers of the helpers, go between the frames of a message and never inside
// of one.
//
// Its Write takes whole frames, so it stands for the connection wherever
// something else writes frames to it, such as the helpers' automatic pongs:
//
//	rw := struct{ io.Reader; io.Writer }{conn, shared}
//	p, op, err := wsutil.ReadClientData(rw)
//
// After an error of the destination every call returns it: a part of a frame
// may have left, and nothing can follow that.
type SharedWriter struct {
	dst   io.Writer
	state ws.State

	message sync.Mutex // held while a message is being written, and encoded
	encoder wsproto.Encoder
	open    error // why a message was not ended

	frame sync.Mutex // held while a frame is being written
	err   error      // of dst
}

// NewSharedWriter returns a SharedWriter to dst as the endpoint state.
func NewSharedWriter(dst io.Writer, state ws.State) *SharedWriter {
	return &SharedWriter{dst: dst, state: state}
}

// SetEncoder makes messages leave as e encodes them, but those that it
// declines; see Writer.SetEncoder. e is used by one goroutine at a time, and
// control frames do not wait for it. SetEncoder is to be called before s is
// shared. What Write is given leaves as it is.
func (s *SharedWriter) SetEncoder(e wsproto.Encoder) { s.encoder = e }

// Write writes p, which must be one or more whole frames. It waits for the
// frame that is being written, but not for the message.
func (s *SharedWriter) Write(p []byte) (n int, err error) {
	s.frame.Lock()
	defer s.frame.Unlock()
	if s.err == nil {
		n, s.err = checkedio.Write(s.dst, p)
	}
	return n, s.err
}

// WriteMessage writes a message in one frame. It waits for the message that is
// being written.
func (s *SharedWriter) WriteMessage(op ws.OpCode, p []byte) error {
	s.message.Lock()
	defer s.message.Unlock()
	if s.open != nil {
		return s.open
	}
	if rsv := beginEncode(s.encoder, op, int64(len(p))); rsv != 0 {
		s.open = s.writeEncoded(ws.Header{Fin: true, Rsv: rsv, OpCode: op}, p)
		return s.open
	}
	return s.writeFrame(op, p)
}

// writeEncoded writes a message in one frame, as the Encoder makes it.
func (s *SharedWriter) writeEncoded(h ws.Header, p []byte) error {
	b := borrow()
	defer b.giveBack()
	var err error
	if b.p, err = appendEncoded(headless(b.p), s.encoder, p, true); err != nil {
		return err
	}
	h.Length = int64(len(b.p) - ws.MaxHeaderSize)
	_, err = s.Write(seal(b.p, ws.MaxHeaderSize, s.state, h))
	return err
}

// WriteControl writes a control frame. It does not wait for messages.
func (s *SharedWriter) WriteControl(op ws.OpCode, p []byte) error {
	if len(p) > ws.MaxControlFramePayloadSize {
		return ErrControlOverflow
	}
	return s.writeFrame(op, p)
}

func (s *SharedWriter) writeFrame(op ws.OpCode, p []byte) error {
	s.frame.Lock()
	defer s.frame.Unlock()
	if s.err == nil {
		s.err = WriteMessage(s.dst, s.state, op, p)
	}
	return s.err
}

// Message calls f with a Writer for a message with the opcode op, which no
// other message can come into. The Writer is valid until f returns. The
// message ends when f returns nil. If f returns an error, Message returns it,
// and what is in the buffer is dropped; if a fragment has left before, or was
// encoded, all further messages fail with that error, and only control frames
// can be written; so it is if f panics. f must not write another message to s:
// it would wait for itself.
func (s *SharedWriter) Message(op ws.OpCode, f func(*Writer) error) error {
	s.message.Lock()
	defer s.message.Unlock()
	if s.open != nil {
		return s.open
	}
	w := GetWriter(s, s.state, op, DefaultWriteBuffer)
	defer PutWriter(w)
	w.SetEncoder(s.encoder)
	err := errNotReturned
	defer func() {
		if w.frags > 0 || w.encoding.open() {
			s.open = err
		}
	}()
	if err = f(w); err == nil {
		err = w.Flush()
	}
	return err
}

// errNotReturned stands for the error of a function that has not returned.
var errNotReturned = errors.New("wsutil: a message was not ended: the function that wrote it has panicked")

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

	message sync.Mutex     // held while a message is being written, and encoded
	sender  wsproto.Sender // of messages that its Encoder does not decline
	open    error          // why a message was not ended

	frame sync.Mutex // held while a frame is being written
	err   error      // of dst
}

// NewSharedWriter returns a [SharedWriter] to dst as the endpoint state.
func NewSharedWriter(dst io.Writer, state ws.State) *SharedWriter {
	return &SharedWriter{dst: dst, state: state}
}

// SetEncoder makes messages leave as e encodes them, but those that it
// declines; see [Writer.SetEncoder]. e is used by one goroutine at a time, and
// control frames do not wait for it. SetEncoder is to be called before s is
// shared. What Write is given leaves as it is.
func (s *SharedWriter) SetEncoder(e wsproto.Encoder) { s.sender = newSender(s.state, e) }

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
	if s.sender.Encoder != nil {
		s.sender.BeginMessage(op, int64(len(p))) // its error: op begins no message
		if s.sender.Encodes() {
			s.open = s.writeEncoded(p)
			return s.open
		}
		s.sender = newSender(s.state, s.sender.Encoder)
	}
	return s.writeFrame(op, p)
}

// writeEncoded writes the message that has begun in one frame, as the Encoder
// makes it.
func (s *SharedWriter) writeEncoded(p []byte) error {
	b := borrow()
	defer b.giveBack()
	var err error
	if b.p, err = s.sender.AppendFragment(b.p, p, true); err != nil {
		return err
	}
	_, err = s.Write(b.p)
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

// Message calls f with a [Writer] for a message with the opcode op, which no
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
	w.SetEncoder(s.sender.Encoder)
	err := errNotReturned
	defer func() {
		if w.begun() {
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

package bridge

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/wirews/wirews/websocket"
)

// stdio is stdin and stdout, which last while connections come and go: one of them
// has them at a time. What stdin has after one has ended goes to the next.
type stdio struct {
	stream

	begin  sync.Once
	pieces chan piece // unbuffered

	taken sync.Mutex
}

type piece struct {
	typ websocket.MessageType
	p   []byte
	err error
}

func newStdio(in io.Reader, out io.Writer, text bool) *stdio {
	return &stdio{stream: *newStream(in, out, nil, text), pieces: make(chan piece)}
}

// take reports whether nobody else has it.
func (s *stdio) take() bool { return s.taken.TryLock() }

func (s *stdio) release() { s.taken.Unlock() }

// read waits for stdin, which nothing else interrupts than the end of ctx.
func (s *stdio) read(ctx context.Context) (websocket.MessageType, []byte, error) {
	s.begin.Do(func() { go s.pump(ctx) })
	select {
	case p := <-s.pieces:
		return p.typ, p.p, p.err
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

// pump reads stdin to its end, which it then tells whoever asks.
func (s *stdio) pump(ctx context.Context) {
	for {
		typ, p, err := s.stream.read(ctx)
		s.pieces <- piece{typ, slices.Clone(p), err}
		for err != nil {
			s.pieces <- piece{err: err}
		}
	}
}

func (s *stdio) finish(context.Context) error { return nil }

// close does nothing: both stay as they are.
func (s *stdio) close(websocket.StatusCode) {}

// sink is stdout alone: nothing is read, and it has ended when all is written.
type sink struct {
	end
	finished chan struct{}
}

func (s *sink) read(ctx context.Context) (websocket.MessageType, []byte, error) {
	select {
	case <-s.finished:
		return 0, nil, io.EOF
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

func (s *sink) finish(context.Context) error {
	close(s.finished)
	return nil
}

package bridge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// end is one side of a bridge. One goroutine reads, another writes.
type end interface {
	// read returns the next piece, which is valid until the next call; io.EOF at
	// an end in order.
	read(ctx context.Context) (websocket.MessageType, []byte, error)
	write(ctx context.Context, typ websocket.MessageType, p []byte) error
	// finish says that nothing more will be written; reading goes on.
	finish(ctx context.Context) error
	// close ends both ways. The code is for a WebSocket.
	close(code websocket.StatusCode)
}

// stream is anything of bytes.
type stream struct {
	in  *bufio.Reader
	out io.Writer
	c   io.Closer

	text bool
	buf  []byte
}

func newStream(r io.Reader, w io.Writer, c io.Closer, text bool) *stream {
	return &stream{in: bufio.NewReaderSize(r, 32<<10), out: w, c: c, text: text, buf: make([]byte, 32<<10)}
}

func (s *stream) read(context.Context) (websocket.MessageType, []byte, error) {
	if !s.text {
		n, err := s.in.Read(s.buf)
		return websocket.MessageBinary, s.buf[:n], ended(n, err)
	}
	line, err := s.in.ReadBytes('\n')
	return websocket.MessageText, bytes.TrimSuffix(line, []byte("\n")), ended(len(line), err)
}

// ended leaves an error for the next read if there is something to hand on first,
// and takes a connection that we have closed for one that has ended.
func ended(n int, err error) error {
	if n > 0 {
		return nil
	}
	if errors.Is(err, net.ErrClosed) {
		return io.EOF
	}
	return err
}

func (s *stream) write(_ context.Context, _ websocket.MessageType, p []byte) error {
	if s.text {
		p = append(bytes.Clone(p), '\n') // one write, so that a line is not torn
	}
	_, err := s.out.Write(p)
	return err
}

func (s *stream) finish(context.Context) error {
	if half, ok := s.c.(interface{ CloseWrite() error }); ok {
		half.CloseWrite() // an error shows when reading
	}
	return nil
}

func (s *stream) close(websocket.StatusCode) {
	s.c.Close()
}

// socket is a WebSocket.
type socket struct {
	*websocket.Conn
	wait time.Duration
}

// closeTime is how long a peer has to answer a close frame.
const closeTime = 5 * time.Second

func newSocket(c *websocket.Conn, o Options) *socket {
	limit := o.MaxMessage
	if limit <= 0 {
		limit = -1
	}
	c.SetReadLimit(limit)
	return &socket{c, o.Wait}
}

func (s *socket) read(ctx context.Context) (websocket.MessageType, []byte, error) {
	typ, p, err := s.Conn.Read(ctx)
	if err == nil {
		return typ, p, nil
	}
	switch code := websocket.CloseStatus(err); code {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd:
		return 0, nil, io.EOF
	case -1:
		return 0, nil, exit.With(exit.Lost, fmt.Errorf("the connection was lost: %w", err))
	}
	return 0, nil, exit.With(exit.ClosedBadly, err)
}

func (s *socket) write(ctx context.Context, typ websocket.MessageType, p []byte) error {
	return s.Conn.Write(ctx, typ, p)
}

// finish closes: a WebSocket has no half of a connection to close. What comes after
// our close frame is dropped, so a ping goes first: a peer that answers in order has
// answered all that it was sent when its pong comes. For one that does not there is the
// wait.
func (s *socket) finish(ctx context.Context) error {
	pinging, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	s.Conn.Ping(pinging)
	select {
	case <-time.After(s.wait):
	case <-ctx.Done():
	}
	s.close(websocket.StatusNormalClosure) // an error of either shows when reading
	return nil
}

func (s *socket) close(code websocket.StatusCode) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	s.Conn.CloseContext(ctx, code, "")
}

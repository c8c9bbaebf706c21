package wsutil

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/wirews/wirews/ws"
)

// longAgo as a deadline ends I/O at once.
var longAgo = time.Unix(1, 0)

// ReadAppendContext is ReadAppend that ends when ctx does, with ctx's error,
// even if the peer stalls inside of a frame, or does not take an answer; the
// connection is to be closed then. When ctx ends, conn's deadlines are set,
// and cleared again; a conn that refuses them is closed. If ctx cannot end, it
// costs what ReadAppend does.
func ReadAppendContext(ctx context.Context, dst []byte, conn net.Conn, s ws.State) (p []byte, op ws.OpCode, err error) {
	if ctx.Done() == nil {
		return ReadAppend(dst, conn, s)
	}
	p = dst
	err = during(ctx, conn, conn.SetDeadline, func() error {
		p, op, err = ReadAppend(dst, conn, s)
		return err
	})
	return p, op, err
}

// ReadDataContext is [ReadAppendContext] into memory of its own.
func ReadDataContext(ctx context.Context, conn net.Conn, s ws.State) ([]byte, ws.OpCode, error) {
	return ReadAppendContext(ctx, nil, conn, s)
}

// WriteMessageContext is WriteMessage that ends when ctx does, with ctx's
// error; a part of the frame may have left then, and the connection is to be
// closed. When ctx ends, conn's write deadline is set, and cleared again; a
// conn that refuses it is closed.
func WriteMessageContext(ctx context.Context, conn net.Conn, s ws.State, op ws.OpCode, p []byte) error {
	if ctx.Done() == nil {
		return WriteMessage(conn, s, op, p)
	}
	return during(ctx, conn, conn.SetWriteDeadline, func() error { return WriteMessage(conn, s, op, p) })
}

// during calls f, and sets a deadline that has passed when ctx ends; it closes
// conn if that takes none. What f has ended with before that stands.
func during(ctx context.Context, conn net.Conn, setDeadline func(time.Time) error, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	interrupted := make(chan struct{})
	closed := false
	stop := context.AfterFunc(ctx, func() {
		if closed = setDeadline(longAgo) != nil; closed {
			conn.Close() // it knows no deadlines
		}
		close(interrupted)
	})
	err := f()
	if stop() {
		return err
	}
	<-interrupted
	setDeadline(time.Time{})
	if errors.Is(err, os.ErrDeadlineExceeded) || closed && err != nil {
		return ctx.Err()
	}
	return err
}

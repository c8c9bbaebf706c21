package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/ws"
)

// NetConn returns a net.Conn over c, which is not to be used otherwise any
// more. What a Write is given is one message of that type; message bounds mean
// nothing to Read. A message of the other type is the end of the connection,
// with code 1003.
//
// When ctx ends, so does the connection. Deadlines end calls and not the
// connection. A Write that has ended so may have been sent in part, and the
// rest of it then is sent in front of the next one; if that is more than 64 KiB,
// the connection ends, see [Conn.Write]. Once the connection has ended, calls
// return why, with Timeout() false: errors.As finds the [ConnError].
//
// Close sends a close frame with code 1000, and returns without waiting for the
// peer's, which a goroutine then does for at most five seconds. Read returns
// io.EOF if the peer has closed with 1000 or 1001. The read limit is switched
// off.
func NetConn(ctx context.Context, c *Conn, msgType MessageType) net.Conn {
	c.SetReadLimit(-1)
	n := &netConn{c: c, typ: msgType}
	n.stop = context.AfterFunc(ctx, func() {
		c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure, Err: ctx.Err()})
	})
	return n
}

type netConn struct {
	c    *Conn
	typ  MessageType
	stop func() bool

	reading      sync.Mutex
	reader       io.Reader       // of the message that has begun
	bound        context.Context // of reader
	eof          bool
	writing      sync.Mutex
	readDeadline deadline
	sendDeadline deadline
	closed       sync.Once
	gone         atomic.Bool // Close has been called
}

// Read reads from the messages that come.
func (n *netConn) Read(p []byte) (int, error) {
	n.reading.Lock()
	defer n.reading.Unlock()
	for {
		switch {
		case n.eof:
			return 0, io.EOF
		case n.gone.Load():
			return 0, plainEnd(n.c.end.err())
		}
		term := n.readDeadline.term()
		if err := term.Err(); err != nil && n.c.end.err() == nil {
			return 0, err
		}
		k, err := n.read(term, p)
		if err != nil && n.gone.Load() {
			err = n.c.end.err()
		}
		if k > 0 || err != nil || len(p) == 0 && n.reader != nil {
			return k, n.explain(err)
		}
	}
}

// read reads from the message that has begun, or begins the next one.
func (n *netConn) read(ctx context.Context, p []byte) (int, error) {
	if n.reader == nil || n.bound != ctx {
		typ, r, err := n.c.Reader(ctx)
		if err != nil {
			return 0, err
		}
		if typ != n.typ {
			err := fmt.Errorf("websocket: unexpected message of type %v, and not %v", typ, n.typ)
			brief, cancel := context.WithTimeout(ctx, closeTimeout)
			defer cancel()
			n.c.CloseContext(brief, StatusUnsupportedData, "unexpected type of message")
			return 0, err
		}
		n.reader, n.bound = r, ctx
	}
	k, err := n.reader.Read(p)
	if err == io.EOF {
		n.reader, n.bound, err = nil, nil, nil
	}
	return k, err
}

// explain makes of an error what is usual for a net.Conn.
func (n *netConn) explain(err error) error {
	// Its own fields: a transport below may be a connection too, and its error in this one.
	if end, ok := errors.AsType[*ConnError](err); ok && end.By != EndedByUs && end.Received != nil {
		switch StatusCode(end.Received.Code) {
		case StatusNormalClosure, StatusGoingAway:
			n.eof = true
			return io.EOF
		}
	}
	return plainEnd(err)
}

// plainEnd tells a deadline of a net.Conn, which ends a call, from the end of
// the connection.
func plainEnd(err error) error {
	end, ended := errors.AsType[*ConnError](err)
	switch {
	case !ended && errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case !ended:
		return err
	case end.By == EndedByUs && end.Err == os.ErrDeadlineExceeded:
		return os.ErrDeadlineExceeded // of this Write, and the end of the connection for all others
	}
	return netConnEnd{end}
}

// netConnEnd is the end of a connection for users of a net.Conn. They take an
// error that says it is a timeout for a deadline of theirs, and go on.
type netConnEnd struct{ end *ConnError }

func (e netConnEnd) Error() string   { return e.end.Error() }
func (e netConnEnd) Timeout() bool   { return false }
func (e netConnEnd) Temporary() bool { return false }

func (e netConnEnd) Is(target error) bool {
	return target != os.ErrDeadlineExceeded && errors.Is(e.end, target)
}

func (e netConnEnd) As(target any) bool { return errors.As(e.end, target) }

// Write sends p as a message.
func (n *netConn) Write(p []byte) (int, error) {
	n.writing.Lock()
	defer n.writing.Unlock()
	term := n.sendDeadline.term()
	if end := n.c.unsent(); end != nil {
		return 0, plainEnd(end)
	}
	if err := n.c.Write(term, n.typ, p); err != nil {
		if n.gone.Load() {
			err = n.c.end.err()
		}
		return 0, plainEnd(err)
	}
	return len(p), nil
}

// Close begins the closing handshake and ends all calls. A goroutine that reads
// from the Conn itself meanwhile gets the peer's close frame, as from coder's.
func (n *netConn) Close() error {
	err := net.ErrClosed
	n.closed.Do(func() {
		n.stop()
		err = nil
		n.c.closeLater(ConnError{By: EndedByUs, Code: ws.StatusNormalClosure}, false)
		n.gone.Store(true)
		n.readDeadline.end(longAgo) // a Read does not wait for the closing handshake
		n.sendDeadline.end(longAgo)
	})
	return err
}

func (n *netConn) LocalAddr() net.Addr  { return n.c.LocalAddr() }
func (n *netConn) RemoteAddr() net.Addr { return n.c.RemoteAddr() }

func (n *netConn) SetDeadline(t time.Time) error {
	n.readDeadline.set(t)
	n.sendDeadline.set(t)
	return nil
}

func (n *netConn) SetReadDeadline(t time.Time) error {
	n.readDeadline.set(t)
	return nil
}

func (n *netConn) SetWriteDeadline(t time.Time) error {
	n.sendDeadline.set(t)
	return nil
}

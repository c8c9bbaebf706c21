package streamconn

import (
	"net"
	"sync"
	"time"
)

// Stream is what a Conn is made of. Read and Write may be called at the same time,
// each by one goroutine.
type Stream interface {
	Read(p []byte) (int, error)
	// Write sends all of p, without its waiting for more.
	Write(p []byte) (int, error)
	// CloseWrite says that nothing more will be sent.
	CloseWrite() error
	// Abort ends the stream, with all calls that wait.
	Abort()
}

// Conn is a net.Conn over a Stream.
type Conn struct {
	stream        Stream
	local, remote net.Addr
	reader        reader
	writer        sender
	once          sync.Once
	closed        chan struct{}
}

// sender is the sending half: a writer or a directWriter.
type sender interface {
	write(p []byte) (int, error)
	setDeadline(t time.Time)
	drain(timeout time.Duration) error // waits until all that was written has left
	close()                            // has calls fail from now on
	wait()                             // until no call goes on
}

// New returns a Conn over a stream, which is the Conn's from then on. One that is a
// DeadlineWriter is written to without a goroutine between.
func New(s Stream, local, remote net.Addr) *Conn {
	c := &Conn{stream: s, local: local, remote: remote, closed: make(chan struct{})}
	c.reader.stream = s
	if direct, ok := s.(DeadlineWriter); ok {
		c.writer = &directWriter{stream: direct, writing: make(chan struct{}, 1)}
	} else {
		c.writer = &writer{stream: s}
	}
	return c
}

// closeTimeout is how long Close waits for what has been written to leave.
const closeTimeout = time.Second

// Read reads what has arrived, or waits for it. After the end of the stream it
// returns io.EOF; after Close, net.ErrClosed, once all other calls have ended: a handler
// of HTTP that reads may return then, and nothing touches its response any more.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.reader.read(p)
	if err != nil && c.reader.isClosed() {
		<-c.closed
	}
	return n, err
}

// Write hands over p, or sends it. n is how much of it will be sent.
func (c *Conn) Write(p []byte) (n int, err error) { return c.writer.write(p) }

// CloseWrite sends the end of the stream after what has been written, as long as
// Close would.
func (c *Conn) CloseWrite() error {
	if err := c.writer.drain(closeTimeout); err != nil {
		return err
	}
	return c.stream.CloseWrite()
}

// Close sends what has been written, for at most a second, and ends the stream. No
// call of its methods goes on, or begins, once it has returned.
func (c *Conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = nil
		c.reader.close()
		if c.writer.drain(closeTimeout) == nil {
			c.stream.CloseWrite()
		}
		c.end()
	})
	return err
}

// Abort is Close without sending anything more.
func (c *Conn) Abort() { c.once.Do(c.end) }

func (c *Conn) end() {
	c.reader.close()
	c.writer.close()
	c.stream.Abort()
	c.reader.wait()
	c.writer.wait()
	close(c.closed)
}

// Closed returns a channel that is closed when the stream has ended by Close or
// Abort.
func (c *Conn) Closed() <-chan struct{} { return c.closed }

// LocalAddr returns the local address of what carries the stream.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.reader.limit.Set(t)
	c.writer.setDeadline(t)
	return nil
}

// SetReadDeadline ends calls of Read at the time t. The stream goes on.
func (c *Conn) SetReadDeadline(t time.Time) error { c.reader.limit.Set(t); return nil }

// SetWriteDeadline ends calls of Write at the time t. The stream goes on.
func (c *Conn) SetWriteDeadline(t time.Time) error { c.writer.setDeadline(t); return nil }

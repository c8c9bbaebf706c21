// Package overh2 has clients that speak the opening handshake of HTTP/1.1 reach a
// server over HTTP/2 (RFC 8441) or HTTP/3 (RFC 9220), and clients of those a server that
// speaks HTTP/1.1: the handshake is translated, and what follows goes over the stream as
// it is.
package overh2

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// Dialer opens connections to the server at URL.
type Dialer struct {
	URL       *url.URL          // ws or wss; its path and query are those of each request
	Transport http.RoundTripper // an *h2.Transport or *h3.Transport
}

// Dial returns a connection that has a stream once the head of a request has been
// written. Where it leads to is the Dialer's.
func (d *Dialer) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &conn{d: d, answered: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return c, nil
}

// maxHead bounds the head of a request.
const maxHead = 1 << 20

// conn is a connection whose first bytes, in both directions, are translated.
type conn struct {
	d      *Dialer
	ctx    context.Context // of the handshake
	cancel context.CancelCauseFunc

	head     []byte        // of the request, as far as it was written
	answered chan struct{} // closed when there is an answer, or err
	answer   io.Reader     // the head of the response, and what follows
	stream   net.Conn      // nil: the server has not opened one
	body     io.Closer     // of the response
	err      error

	mu     sync.Mutex
	timer  *time.Timer // ends the handshake at the deadline
	closed bool
}

// Write takes the head of a request, which it answers, and what follows.
func (c *conn) Write(p []byte) (n int, err error) {
	select {
	case <-c.answered:
		return c.writeOn(p)
	default:
	}
	c.head = append(c.head, p...)
	end := bytes.Index(c.head, []byte("\r\n\r\n"))
	if end < 0 && len(c.head) < maxHead {
		return len(p), nil
	}
	defer c.done()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(c.head)))
	if err == nil {
		err = c.open(req)
	}
	if err != nil {
		c.err = fmt.Errorf("over a stream: %w", err)
		return 0, c.err
	}
	early := c.head[end+4:]
	c.head = nil
	if _, err := c.writeOn(early); err != nil {
		return 0, err
	}
	return len(p), nil
}

// done says that there is an answer, which no deadline of the handshake ends.
func (c *conn) done() {
	c.SetDeadline(time.Time{})
	close(c.answered)
}

func (c *conn) writeOn(p []byte) (int, error) {
	if c.err != nil || c.stream == nil {
		return len(p), c.err // nobody wants it, as after a refusal
	}
	return c.stream.Write(p)
}

// open sends the request, and makes the response one of HTTP/1.1.
func (c *conn) open(req *http.Request) error {
	key := req.Header.Get("Sec-WebSocket-Key")
	req.RequestURI = ""
	req.URL.Host = c.d.URL.Host
	req.URL.Scheme = map[string]string{"ws": "http", "wss": "https"}[c.d.URL.Scheme]
	resp, err := c.d.Transport.RoundTrip(req.WithContext(c.ctx))
	if err != nil {
		if cause := context.Cause(c.ctx); cause != nil {
			err = cause
		}
		return err
	}
	c.body = resp.Body
	if resp.StatusCode/100 != 2 {
		resp.Proto, resp.ProtoMajor, resp.ProtoMinor, resp.Close = "HTTP/1.1", 1, 1, true
		out, in := io.Pipe()
		c.answer = out
		go func() { in.CloseWithError(resp.Write(in)) }()
		return nil
	}
	c.stream = resp.Body.(net.Conn)
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n")
	resp.Header.Del("Sec-WebSocket-Accept") // of a proxy, for a key of its own
	resp.Header.Write(&head)
	head.WriteString("\r\n")
	c.answer = io.MultiReader(&head, c.stream)
	return nil
}

// Read reads the head of the response, and what follows.
func (c *conn) Read(p []byte) (int, error) {
	select {
	case <-c.answered:
	case <-c.ctx.Done():
		if !c.isDone() {
			return 0, context.Cause(c.ctx)
		}
	}
	if c.err != nil {
		return 0, c.err
	}
	return c.answer.Read(p)
}

// Close ends the stream, or the handshake.
func (c *conn) Close() error {
	c.mu.Lock()
	closed := c.closed
	c.closed = true
	c.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	c.cancel(net.ErrClosed)
	c.SetDeadline(time.Time{})
	if c.isDone() && c.body != nil {
		return c.body.Close()
	}
	return nil
}

// isDone reports whether there is an answer.
func (c *conn) isDone() bool {
	select {
	case <-c.answered:
		return true
	default:
		return false
	}
}

// isOpen reports whether there is a stream.
func (c *conn) isOpen() bool { return c.isDone() && c.stream != nil }

// CloseWrite ends the client's direction.
func (c *conn) CloseWrite() error {
	if half, ok := c.stream.(interface{ CloseWrite() error }); c.isOpen() && ok {
		return half.CloseWrite()
	}
	return nil
}

// SetDeadline bounds the handshake, and the stream once there is one.
func (c *conn) SetDeadline(t time.Time) error {
	if c.isOpen() {
		return c.stream.SetDeadline(t)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	if !t.IsZero() {
		c.timer = time.AfterFunc(time.Until(t), func() { c.cancel(os.ErrDeadlineExceeded) })
	}
	return nil
}

// SetReadDeadline is SetDeadline until there is a stream.
func (c *conn) SetReadDeadline(t time.Time) error {
	if c.isOpen() {
		return c.stream.SetReadDeadline(t)
	}
	return c.SetDeadline(t)
}

// SetWriteDeadline bounds writing once there is a stream.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if c.isOpen() {
		return c.stream.SetWriteDeadline(t)
	}
	return nil
}

// LocalAddr returns that of the connection, once there is a stream.
func (c *conn) LocalAddr() net.Addr {
	if c.isOpen() {
		return c.stream.LocalAddr()
	}
	return addr(c.d.URL.Host)
}

// RemoteAddr returns that of the connection, once there is a stream.
func (c *conn) RemoteAddr() net.Addr {
	if c.isOpen() {
		return c.stream.RemoteAddr()
	}
	return addr(c.d.URL.Host)
}

type addr string

func (a addr) Network() string { return "stream" }
func (a addr) String() string  { return string(a) }

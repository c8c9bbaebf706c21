package bench_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

// loopConn is a connection in memory. What is written to it is counted, and
// what it is to play is read in a circle.
type loopConn struct {
	sent   int64
	record *bytes.Buffer // what is written too, if not nil

	wire []byte // all messages
	left int64  // bytes up to the end
	at   int    // in wire

	// idle, if not nil, makes it wait at the end, as a peer that has nothing
	// to say: it says so, and ends once hold is closed.
	idle chan<- struct{}
	hold <-chan struct{}
}

// play makes it yield n of the messages, over and over again.
func (c *loopConn) play(messages [][]byte, n int) {
	wire := bytes.Join(messages, nil)
	left := int64(n/len(messages)) * int64(len(wire))
	for _, p := range messages[:n%len(messages)] {
		left += int64(len(p))
	}
	c.playWire(wire, left)
}

func (c *loopConn) playWire(wire []byte, left int64) { c.wire, c.left, c.at = wire, left, 0 }

// length returns how many bytes all messages have.
func (c *loopConn) length() int { return len(c.wire) }

func (c *loopConn) Read(p []byte) (n int, err error) {
	if c.left == 0 {
		if c.idle != nil {
			c.idle <- struct{}{}
			<-c.hold
		}
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), c.left)]
	for n < len(p) {
		k := copy(p[n:], c.wire[c.at:])
		n += k
		if c.at += k; c.at == len(c.wire) {
			c.at = 0
		}
	}
	c.left -= int64(n)
	return n, nil
}

func (c *loopConn) Write(p []byte) (int, error) {
	c.sent += int64(len(p))
	if c.record != nil {
		c.record.Write(p)
	}
	return len(p), nil
}

func (c *loopConn) Close() error                     { return nil }
func (c *loopConn) LocalAddr() net.Addr              { return new(net.TCPAddr) }
func (c *loopConn) RemoteAddr() net.Addr             { return new(net.TCPAddr) }
func (c *loopConn) SetDeadline(time.Time) error      { return nil }
func (c *loopConn) SetReadDeadline(time.Time) error  { return nil }
func (c *loopConn) SetWriteDeadline(time.Time) error { return nil }

// hijack is a response that a handshake takes the connection from.
type hijack struct {
	*httptest.ResponseRecorder
	conn *loopConn
}

func hijacking(conn *loopConn) hijack { return hijack{httptest.NewRecorder(), conn} }

func (h hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// deflateRequest is a client's handshake, RFC 6455, section 1.3, with an offer
// of permessage-deflate.
func deflateRequest(takeover bool) *http.Request {
	offer := "permessage-deflate"
	if !takeover {
		offer += "; server_no_context_takeover; client_no_context_takeover"
	}
	r := httptest.NewRequest(http.MethodGet, "http://server.example.com/chat", nil)
	for name, value := range map[string]string{
		"Upgrade":                  "websocket",
		"Connection":               "Upgrade",
		"Sec-Websocket-Key":        "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-Websocket-Version":    "13",
		"Sec-Websocket-Extensions": offer,
	} {
		r.Header.Set(name, value)
	}
	return r
}

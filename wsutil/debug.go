package wsutil

import (
	"bufio"
	"context"
	"io"
	"net"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
	"github.com/wirews/wirews/ws"
)

// DebugUpgrader is a [ws.Upgrader] that shows what goes over the wire.
type DebugUpgrader struct {
	Upgrader ws.Upgrader

	// OnRequest and OnResponse are shown what was read and written, after the
	// handshake. They may keep it. Either may be nil.
	OnRequest, OnResponse func([]byte)
}

// Upgrade is Upgrader.Upgrade.
func (d *DebugUpgrader) Upgrade(conn io.ReadWriter) (ws.Handshake, error) {
	rec := recorder{rw: conn}
	var rw io.ReadWriter = &rec
	if c, ok := conn.(net.Conn); ok {
		// Upgrader.Timeout needs the deadlines of a net.Conn.
		rw = recordedConn{c, &rec}
	}
	hs, err := d.Upgrader.Upgrade(rw)
	rec.show(d.OnRequest, rec.read)
	rec.show(d.OnResponse, rec.written)
	return hs, err
}

// DebugDialer is a [ws.Dialer] that shows what goes over the wire.
type DebugDialer struct {
	Dialer ws.Dialer

	// OnRequest and OnResponse are shown the request and the response, after
	// the handshake, be it that it failed. They may keep them. What of the
	// body of a refusal has been read is shown with the response; frames that
	// came after it are not. Either may be nil.
	OnRequest, OnResponse func([]byte)
}

// Dial is Dialer.Dial.
func (d *DebugDialer) Dial(ctx context.Context, urlstr string) (conn net.Conn, br *bufio.Reader, hs ws.Handshake, err error) {
	var rec recorder
	var raw net.Conn
	dialer := d.Dialer
	dialer.WrapConn = func(c net.Conn) net.Conn {
		if d.Dialer.WrapConn != nil {
			c = d.Dialer.WrapConn(c)
		}
		raw = c
		rec.rw = c
		return recordedConn{c, &rec}
	}
	conn, br, hs, err = dialer.Dial(ctx, urlstr)
	rec.show(d.OnRequest, rec.written)
	response := rec.read
	if err == nil {
		response = response[:headSize(response)]
		// The recorder has done its work; the connection is the dialled one.
		if conn = raw; len(rec.read) > len(response) {
			conn = earlyconn.Wrap(raw, rec.read[len(response):])
		}
	}
	rec.show(d.OnResponse, response)
	return conn, br, hs, err
}

// headSize returns the size of the heads that b begins with: interim ones,
// then that of the response.
func headSize(b []byte) int {
	for start := 0; ; {
		var scan httpx.Scanner
		n, err := scan.Scan(b[start:], httpx.Limits{Head: -1, Line: -1, Fields: -1})
		if err != nil {
			return len(b)
		}
		start += n
		if resp, err := httpx.ParseResponse(b[start-n:start], nil); err != nil || resp.Status == 101 {
			return start
		}
	}
}

// recorder keeps what goes through it.
type recorder struct {
	rw            io.ReadWriter
	read, written []byte
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := checkedio.Read(r.rw, p)
	r.read = append(r.read, p[:n]...)
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := checkedio.Write(r.rw, p)
	r.written = append(r.written, p[:n]...)
	return n, err
}

func (r *recorder) show(to func([]byte), p []byte) {
	if to != nil && r.rw != nil {
		to(p)
	}
}

// recordedConn is a net.Conn with a recorder in it.
type recordedConn struct {
	net.Conn
	rec *recorder
}

func (c recordedConn) Read(p []byte) (int, error) { return c.rec.Read(p) }

func (c recordedConn) Write(p []byte) (int, error) { return c.rec.Write(p) }

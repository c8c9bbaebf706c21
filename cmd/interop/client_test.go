package interop_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// client is the client's end of a connection: ws.Dialer, what ws appends, and
// wsproto's Receiver.
type client struct {
	t       *testing.T
	conn    net.Conn
	hs      ws.Handshake
	recv    wsproto.Receiver
	message wsproto.Assembler
	in      []byte // buffer
	rest    []byte // of it, not consumed yet

	codeOnly bool // the server answers a close frame with its code alone
}

func dial(t *testing.T, d ws.Dialer, url string) (*client, error) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, hs, err := d.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{
		t: t, conn: conn, hs: hs,
		recv: wsproto.Receiver{Config: &wsproto.Config{State: ws.StateClientSide}},
		in:   make([]byte, 4096),
	}, nil
}

func mustDial(t *testing.T, d ws.Dialer, url string) *client {
	t.Helper()
	c, err := dial(t, d, url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func appendMasked(dst []byte, op ws.OpCode, fin bool, p []byte) []byte {
	mask := ws.NewMask()
	dst = ws.AppendHeader(dst, ws.Header{Fin: fin, OpCode: op, Masked: true, Mask: mask, Length: int64(len(p))})
	return ws.AppendCipher(dst, p, mask, 0)
}

func (c *client) send(op ws.OpCode, fin bool, p []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(appendMasked(nil, op, fin, p)); err != nil {
		c.t.Fatal(err)
	}
}

// next returns the next control frame or whole message, which is valid until
// the next call.
func (c *client) next() (op ws.OpCode, payload []byte) {
	c.t.Helper()
	for {
		ev, n, err := c.recv.Next(c.rest, nil)
		c.rest = c.rest[n:]
		switch {
		case err == ws.ErrShort:
			// TLS may return the last bytes together with the end.
			if n, err = c.conn.Read(c.in); n == 0 && err != nil {
				c.t.Fatal(err)
			}
			c.rest = c.in[:n]
		case err != nil:
			c.t.Fatal(err)
		case ev.Op.IsControl():
			return ev.Op, ev.Payload
		default:
			if m, done := c.message.Add(ev); done {
				return ev.Op, m
			}
		}
	}
}

func (c *client) want(what string, op ws.OpCode, payload []byte) {
	c.t.Helper()
	gotOp, got := c.next()
	if gotOp != op || !bytes.Equal(got, payload) {
		c.t.Fatalf("%s: %v with %d bytes %.64q, want %v with %d bytes %.64q", what, gotOp, len(got), got, op, len(payload), payload)
	}
}

// wantEnd: RFC 6455, 7.1.1: the server closes the TCP connection first.
func (c *client) wantEnd(what string) {
	c.t.Helper()
	if b, err := io.ReadAll(c.conn); len(b) > 0 || err != nil {
		c.t.Errorf("%s: %q and error %v, want the end", what, b, err)
	}
	c.conn.Close()
}

// close closes with code and reason, and wants the answer.
func (c *client) close(code ws.StatusCode, reason string) {
	c.t.Helper()
	c.send(ws.OpClose, true, ws.AppendClose(nil, code, reason))
	if c.codeOnly {
		reason = ""
	}
	c.want("answer to the close", ws.OpClose, ws.AppendClose(nil, code, reason))
	c.wantEnd("behind the close")
}

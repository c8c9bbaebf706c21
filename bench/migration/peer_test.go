package migration_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// peer is the other end of a program's connection. It keeps what comes.
type peer struct {
	*testing.T
	conn   net.Conn
	record bytes.Buffer
}

func newPeer(t *testing.T, conn net.Conn) *peer {
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &peer{T: t, conn: conn}
}

func connect(t *testing.T, addr string) *peer {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn)
}

func (p *peer) say(s string) {
	p.Helper()
	if _, err := io.WriteString(p.conn, s); err != nil {
		p.Fatal(err)
	}
}

// head reads a message head, and records it in a form that can be compared.
func (p *peer) head() string {
	p.Helper()
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b...) {
		if _, err := io.ReadFull(p.conn, b); err != nil {
			p.Fatalf("a head ends with %v: %q", err, head)
		}
	}
	p.record.WriteString(comparable(p.T, string(head)))
	return string(head)
}

func comparable(t *testing.T, head string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n")
	refusal := strings.HasPrefix(lines[0], "HTTP/") && !strings.HasPrefix(lines[0], "HTTP/1.1 101 ")
	out := lines[:1]
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(name)
		switch name {
		case "sec-websocket-key":
			if key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value)); err != nil || len(key) != 16 {
				t.Errorf("no key: %q", line)
			}
			value = " random"
		case "connection", "content-type", "x-content-type-options":
			if refusal {
				continue
			}
		}
		out = append(out, name+":"+value)
	}
	slices.Sort(out[1:])
	return strings.Join(out, "\r\n") + "\r\n\r\n"
}

// rest records what comes until the connection ends.
func (p *peer) rest() {
	p.Helper()
	if _, err := p.record.ReadFrom(p.conn); err != nil {
		p.Fatalf("the connection ended with %v", err)
	}
}

// frame reads a frame of a server and records it as it came.
func (p *peer) frame() ws.Frame {
	p.Helper()
	f, err := ws.ReadFrameBuffer(io.TeeReader(p.conn, &p.record), nil, 1<<30)
	if err != nil {
		p.Fatalf("a frame ends with %v", err)
	}
	return f
}

// frameOfClient reads a frame of a client and records it unmasked.
func (p *peer) frameOfClient() ws.Frame {
	p.Helper()
	f, err := ws.ReadFrameBuffer(p.conn, nil, 1<<30)
	if err != nil {
		p.Fatalf("a frame ends with %v", err)
	}
	if !f.Header.Masked {
		p.Errorf("a frame of a client is not masked: %+v", f.Header)
	}
	f = ws.UnmaskFrameInPlace(f)
	p.record.Write(ws.AppendFrame(nil, f))
	return f
}

// masked is a client's frame.
func masked(op ws.OpCode, fin bool, payload string) string {
	return string(ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), [4]byte{0x37, 0xfa, 0x21, 0x3d})))
}

// plain is a server's frame.
func plain(op ws.OpCode, fin bool, payload string) string {
	return string(ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(payload))))
}

// request is an opening handshake with further lines.
func request(lines string) string {
	return "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + lines + "\r\n"
}

package regress_test

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// peer is a connection with an imagined other end: what it says stands in
// pieces or is worked out from what was written to it; then it ends. Nothing
// blocks and nothing depends on time.
type peer struct {
	pieces  [][]byte
	respond func(request string) string // called once, at the first Read
	end     error                       // behind the last piece; nil stands for io.EOF
	wrote   bytes.Buffer
	closed  bool

	deadline  bool // one is set
	unbounded bool // a Read was without
}

// errAgain is what a connection that does not block returns if there is
// nothing to read.
var errAgain = errors.New("try again")

func says(pieces ...string) *peer {
	p := new(peer)
	for _, s := range pieces {
		p.pieces = append(p.pieces, []byte(s))
	}
	return p
}

func answers(respond func(request string) string) *peer { return &peer{respond: respond} }

func (p *peer) Read(b []byte) (int, error) {
	p.unbounded = p.unbounded || !p.deadline
	if p.respond != nil {
		p.pieces = append(p.pieces, []byte(p.respond(p.wrote.String())))
		p.respond = nil
	}
	for len(p.pieces) > 0 && len(p.pieces[0]) == 0 {
		p.pieces = p.pieces[1:]
	}
	if len(p.pieces) == 0 {
		return 0, cmp.Or(p.end, io.EOF)
	}
	n := copy(b, p.pieces[0])
	p.pieces[0] = p.pieces[0][n:]
	return n, nil
}

func (p *peer) Write(b []byte) (int, error) { return p.wrote.Write(b) }

func (p *peer) Close() error {
	p.closed = true
	return nil
}

func (p *peer) SetDeadline(t time.Time) error {
	p.deadline = !t.IsZero()
	return nil
}

func (p *peer) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (p *peer) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (p *peer) SetReadDeadline(time.Time) error  { return nil }
func (p *peer) SetWriteDeadline(time.Time) error { return nil }

// status returns the status code of the response that was written, or "" if
// there is none.
func (p *peer) status() string {
	if fields := strings.Fields(p.wrote.String()); len(fields) > 1 {
		return fields[1]
	}
	return ""
}

// line returns the first line of what was written that begins with prefix.
func (p *peer) line(prefix string) string {
	for s := range strings.SplitSeq(p.wrote.String(), "\r\n") {
		if strings.HasPrefix(s, prefix) {
			return s
		}
	}
	return ""
}

// accept returns the Sec-WebSocket-Accept line for a request (RFC 6455,
// section 4.2.2, item 5.4).
func accept(request string) string {
	const name = "Sec-WebSocket-Key: "
	_, rest, _ := strings.Cut(request, name)
	key, _, _ := strings.Cut(rest, "\r\n")
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return "Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
}

// accepting answers a handshake correctly, with further lines and with what
// stands behind the response.
func accepting(lines, behind string) func(string) string {
	return func(request string) string {
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			accept(request) + lines + "\r\n" + behind
	}
}

// request is a correct handshake with further lines.
func request(lines string) string {
	return requestWithout("", lines)
}

// requestWithout is request without the line of that name.
func requestWithout(name, lines string) string {
	var b strings.Builder
	b.WriteString("GET /chat HTTP/1.1\r\n")
	for _, l := range []string{
		"Host: server.example.com",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
	} {
		if name == "" || !strings.HasPrefix(l, name+":") {
			b.WriteString(l + "\r\n")
		}
	}
	return b.String() + lines + "\r\n"
}

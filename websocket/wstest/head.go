package wstest

import (
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"

	badpeer "github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// Head is the head of an HTTP message, right or wrong: nothing is checked. Request
// and Response make right ones, to be changed:
//
//	wstest.Request("/").Replace("Sec-WebSocket-Version", "12")
type Head struct {
	Start string   // the first line
	Lines []string // the fields
	End   string   // of each line. Empty: CRLF
}

// Request returns an opening handshake of a client (RFC 6455, section 4.1).
func Request(target string) Head {
	h := Head(badpeer.GoodRequest())
	h.Start = "GET " + target + " HTTP/1.1"
	return h
}

// Response returns the answer of a server that takes the request (section 4.2.2).
func Response(r *http.Request) Head {
	return Head{Start: "HTTP/1.1 101 Switching Protocols", Lines: []string{
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Accept: " + AcceptKey(r.Header.Get("Sec-WebSocket-Key")),
	}}
}

// AcceptKey returns the value of Sec-WebSocket-Accept that answers a
// Sec-WebSocket-Key (section 4.2.2).
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// With returns a copy of h with further lines, such as "Origin: https://a.example".
func (h Head) With(lines ...string) Head { return Head(badpeer.Head(h).With(lines...)) }

// Without returns a copy of h without the fields of that name, spelt like that.
func (h Head) Without(name string) Head { return Head(badpeer.Head(h).Without(name)) }

// Replace returns a copy of h with one field of that name, at the end, in place of
// those that it has.
func (h Head) Replace(name, value string) Head { return Head(badpeer.Head(h).Replace(name, value)) }

// Bytes returns the head as it is sent, with the empty line at its end.
func (h Head) Bytes() []byte { return badpeer.Head(h).Bytes() }

func (h Head) appendTo(dst []byte, _ ws.State) ([]byte, error) {
	return append(dst, h.Bytes()...), nil
}

func (h Head) expect(from io.Reader, other ws.State) error {
	return Bytes(h.Bytes()).expect(from, other)
}

// String returns the first line.
func (h Head) String() string { return h.Start }

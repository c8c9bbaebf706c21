package autobahn

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// acceptKey computes Sec-WebSocket-Accept (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newKey returns a Sec-WebSocket-Key: 16 random bytes in base64.
func newKey() string {
	var nonce [16]byte
	rand.Read(nonce[:])
	return base64.StdEncoding.EncodeToString(nonce[:])
}

// lines is the head of a request or response that is to be sent, line by line,
// so that a case can spoil it.
type lines []string

func (l lines) String() string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

// with returns l with further lines.
func (l lines) with(more ...string) lines { return append(l[:len(l):len(l)], more...) }

// replace returns l with the line that begins with prefix replaced by others.
func (l lines) replace(prefix string, by ...string) lines {
	var out lines
	for _, line := range l {
		if strings.HasPrefix(line, prefix) {
			out = append(out, by...)
		} else {
			out = append(out, line)
		}
	}
	return out
}

// goodRequest returns the opening request of RFC 6455, section 4.1.
func goodRequest(u *url.URL, key, offers string, fields []string) lines {
	l := lines{
		"GET " + u.RequestURI() + " HTTP/1.1",
		"Host: " + u.Host,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: " + key,
		"Sec-WebSocket-Version: 13",
	}
	if offers != "" {
		l = append(l, "Sec-WebSocket-Extensions: "+offers)
	}
	return append(l, fields...)
}

// goodResponse returns the response of RFC 6455, section 4.2.2.
func goodResponse(key, extension string) lines {
	l := lines{
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Accept: " + acceptKey(key),
	}
	if extension != "" {
		l = append(l, "Sec-WebSocket-Extensions: "+extension)
	}
	return l
}

// RefusedError says that a server has answered a handshake with another status than
// 101. It is in the error of [Client.Reach] then.
type RefusedError struct {
	StatusLine string // of the response, as it has come
}

// Error quotes the response.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("autobahn: response is %q, want status 101", e.StatusLine)
}

// checkResponse judges the response to a request with that key. Extensions are
// checked by agreed.
func checkResponse(h head, key string) error {
	if _, err := statusOf(h); err != nil {
		return err
	}
	if !strings.HasPrefix(h.start, "HTTP/1.1 101") {
		return &RefusedError{h.start}
	}
	if v, err := h.one("Upgrade"); err != nil {
		return err
	} else if !strings.EqualFold(v, "websocket") {
		return fmt.Errorf("autobahn: Upgrade is %q, want websocket", v)
	}
	if !h.has("Connection", "upgrade") {
		return fmt.Errorf("autobahn: Connection is %q, want Upgrade in it", h.values("Connection"))
	}
	accept, err := h.one("Sec-WebSocket-Accept")
	if err != nil {
		return err
	}
	if want := acceptKey(key); accept != want {
		return fmt.Errorf("autobahn: Sec-WebSocket-Accept is %q, want %q", accept, want)
	}
	if p := h.values("Sec-WebSocket-Protocol"); len(p) > 0 {
		return fmt.Errorf("autobahn: subprotocol %q was not offered", p)
	}
	return nil
}

// statusOf returns the status code of a response.
func statusOf(h head) (string, error) {
	version, rest, _ := strings.Cut(h.start, " ")
	code, _, _ := strings.Cut(rest, " ")
	if !strings.HasPrefix(version, "HTTP/1.") || len(code) != 3 || strings.Trim(code, "0123456789") != "" {
		return "", fmt.Errorf("autobahn: malformed status line %q", h.start)
	}
	return code, nil
}

// checkRequest judges a client's request (RFC 6455, section 4.2.1) and returns
// its key and its target.
func checkRequest(h head) (key string, target *url.URL, err error) {
	words := strings.Split(h.start, " ")
	if len(words) != 3 || words[0] != "GET" || words[2] != "HTTP/1.1" {
		return "", nil, fmt.Errorf("autobahn: request line is %q, want GET and HTTP/1.1", h.start)
	}
	if target, err = url.ParseRequestURI(words[1]); err != nil {
		return "", nil, fmt.Errorf("autobahn: request target %q: %w", words[1], err)
	}
	if _, err := h.one("Host"); err != nil {
		return "", nil, err
	}
	if !h.has("Upgrade", "websocket") || !h.has("Connection", "upgrade") {
		return "", nil, errors.New("autobahn: request does not ask for an upgrade to websocket")
	}
	if v, err := h.one("Sec-WebSocket-Version"); err != nil || v != "13" {
		return "", nil, fmt.Errorf("autobahn: Sec-WebSocket-Version is %q, want 13", v)
	}
	if key, err = h.one("Sec-WebSocket-Key"); err != nil {
		return "", nil, err
	}
	if nonce, err := base64.StdEncoding.Strict().DecodeString(key); err != nil || len(nonce) != 16 {
		return "", nil, fmt.Errorf("autobahn: Sec-WebSocket-Key %q is not 16 bytes in base64", key)
	}
	return key, target, nil
}

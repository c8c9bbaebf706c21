package ws

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/redact"
)

// AppendRequest appends the request for u to dst. The schemes ws, wss, http
// and https are the same to it. The error says which part of u or of the
// [Dialer] cannot be sent; a [*RequestError], with dst as it was.
func (c *ClientHandshake) AppendRequest(dst []byte, u *url.URL) ([]byte, error) {
	d := c.dialer()
	start := len(dst)
	fields, err := d.extraFields()
	if err != nil {
		return dst, err
	}
	host, err := d.hostField(u, fields)
	if err != nil {
		return dst, err
	}
	target, err := targetOf(u)
	if err != nil {
		return dst, err
	}
	*c = ClientHandshake{Dialer: c.Dialer, key: newKey()}

	if dst, err = httpx.AppendRequestLine(dst, "GET", target); err != nil {
		return dst[:start], requestError("URL", redact.Target(target))
	}
	if dst, err = httpx.AppendField(dst, "Host", host); err != nil {
		return dst[:start], requestError("host", host)
	}
	dst = append(dst, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "...)
	dst = append(dst, c.key[:]...)
	dst = append(dst, "\r\n"...)
	if dst, err = d.appendProtocols(dst); err != nil {
		return dst[:start], err
	}
	if dst, err = appendExtensions(dst, d.Extensions); err != nil {
		return dst[:start], requestError("extension", err.Error())
	}
	if dst, err = appendUserinfo(dst, u, fields); err != nil {
		return dst[:start], err
	}
	for _, f := range fields {
		if kindOf(f.Name) == hostField {
			continue
		}
		if dst, err = httpx.AppendField(dst, f.Name, f.Value); err != nil {
			return dst[:start], requestError("header", string(f.Name))
		}
	}
	return httpx.AppendEnd(dst), nil
}

// RequestError says which part of a handshake request cannot be sent: it
// would break the request or the rules of RFC 6455.
type RequestError struct {
	Part  string // "URL", "URL scheme", "URL fragment", "user name", "host", "header", "subprotocol" or "extension", and the like
	Value string // what stood there, cut to 64 bytes
}

func requestError(part, value string) error {
	return &RequestError{Part: part, Value: value[:min(len(value), 64)]}
}

// Error returns a text such as `ws: cannot send subprotocol "a b"`.
func (e *RequestError) Error() string {
	s := "ws: cannot send " + e.Part + " " + strconv.Quote(e.Value)
	if e.Part == "host" && !isASCII(e.Value) {
		s += ": it has to be in ASCII, as golang.org/x/net/idna translates it"
	}
	return s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escape writes what is not ASCII, which is left only in a query, as %XX (RFC
// 3987, section 3.1).
func escape(target string) string {
	if isASCII(target) {
		return target
	}
	b := make([]byte, 0, 3*len(target))
	for i := range len(target) {
		if c := target[i]; c < utf8.RuneSelf {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return string(b)
}

// targetOf returns the resource name of u (RFC 6455, section 3).
func targetOf(u *url.URL) (string, error) {
	target := escape(u.RequestURI())
	if !strings.HasPrefix(target, "/") {
		return "", requestError("URL", redact.Target(target))
	}
	// "Fragment identifiers are meaningless [...] and MUST NOT be used on
	// these URIs."
	if u.Fragment != "" || u.RawFragment != "" || strings.Contains(target, "#") {
		return "", requestError("URL fragment", "#") // the rest may be a secret
	}
	return target, nil
}

// extraFields returns the fields of Dialer.Header, checked. None of them may
// be one that the handshake itself sets, but Host.
func (d *Dialer) extraFields() (httpx.Fields, error) {
	if d.Header == nil {
		return nil, nil
	}
	var lines appender
	if _, err := d.Header.WriteTo(&lines); err != nil {
		return nil, err
	}
	fields, err := httpx.ParseFields(lines, nil)
	if err != nil {
		return nil, requestError("header", badPart(err))
	}
	for _, f := range fields {
		switch kindOf(f.Name) {
		case otherField, originField, hostField:
		default:
			return nil, requestError("header", string(f.Name))
		}
	}
	return fields, nil
}

// hostField returns the value of Host: what the Dialer says, what its Header
// says, or what u says without a default port.
func (d *Dialer) hostField(u *url.URL, fields httpx.Fields) (string, error) {
	if fields.Count("Host") > 1 {
		return "", requestError("host", "two Host fields")
	}
	host := d.Host
	if host == "" {
		if v, ok := fields.First("Host"); ok {
			host = string(v)
		} else {
			host = hostOf(u)
		}
	}
	if !httpx.IsHost(host) {
		return "", requestError("host", host)
	}
	return host, nil
}

func (d *Dialer) appendProtocols(dst []byte) ([]byte, error) {
	for i, p := range d.Protocols {
		// 4.1, item 10: they "MUST all be unique strings", and tokens.
		if !httpx.IsToken(p) || slices.Contains(d.Protocols[:i], p) {
			return dst, requestError("subprotocol", p)
		}
		if i == 0 {
			dst = append(dst, "Sec-WebSocket-Protocol: "...)
		} else {
			dst = append(dst, ", "...)
		}
		dst = append(dst, p...)
	}
	if len(d.Protocols) > 0 {
		dst = append(dst, "\r\n"...)
	}
	return dst, nil
}

// badPart says what is wrong with lines of the user's, and not which: they may have a
// password or a cookie.
func badPart(err error) string {
	if syntax, ok := errors.AsType[*httpx.SyntaxError](err); ok {
		return "bad " + syntax.Part
	}
	return err.Error()
}

// appendUserinfo turns the userinfo of a URL into Basic authentication (RFC
// 7617), unless the Dialer's own header has an Authorization.
func appendUserinfo(dst []byte, u *url.URL, fields httpx.Fields) ([]byte, error) {
	if u.User == nil || fields.Count("Authorization") > 0 {
		return dst, nil
	}
	name := u.User.Username()
	if colon := strings.IndexByte(name, ':'); colon >= 0 {
		return dst, requestError("user name", name[:colon+1]) // the rest may be the password
	}
	password, _ := u.User.Password()
	dst = append(dst, "Authorization: Basic "...)
	dst = base64.StdEncoding.AppendEncode(dst, []byte(name+":"+password))
	return append(dst, "\r\n"...), nil
}

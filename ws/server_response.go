package ws

import (
	"errors"
	"strconv"

	"github.com/wirews/wirews/httpx"
)

// appendAcceptance appends the server's opening handshake (RFC 6455, section
// 4.2.2). The error is a rejection; dst is as it was then.
func appendAcceptance(x *exchange, dst, key []byte, hs *Handshake, headers ...HandshakeHeader) ([]byte, error) {
	start := len(dst)
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = appendAccept(dst, key)
	dst = append(dst, "\r\n"...)
	taken := framingFields | setOf(upgradeField, connectionField, acceptField)
	var err error
	if hs.Protocol != "" {
		if !httpx.IsToken(hs.Protocol) {
			return dst[:start], reject(ErrHandshakeBadResponse, hs.Protocol)
		}
		dst, err = httpx.AppendField(dst, "Sec-WebSocket-Protocol", hs.Protocol)
		taken |= setOf(protocolField)
	}
	if err == nil && len(hs.Extensions) > 0 {
		dst, err = appendExtensions(dst, hs.Extensions)
		taken |= setOf(extensionsField)
	}
	if err == nil {
		dst, err = x.appendHeaders(dst, taken, headers...)
	}
	if err != nil {
		return dst[:start], rejectCause(ErrHandshakeBadResponse, err)
	}
	return httpx.AppendEnd(dst), nil
}

// appendHeaders appends what the headers write, if it is nothing but whole
// field lines and none of them is taken. x.lines holds them then, and nothing
// with an error.
func (x *exchange) appendHeaders(dst []byte, taken fieldSet, headers ...HandshakeHeader) ([]byte, error) {
	x.extra, x.lines = x.extra[:0], x.lines[:0]
	for _, h := range headers {
		if h == nil {
			continue
		}
		if _, err := h.WriteTo(&x.extra); err != nil {
			return dst, err
		}
	}
	if len(x.extra) == 0 {
		return dst, nil
	}
	lines, err := httpx.ParseFields(x.extra, x.lines)
	if err != nil {
		return dst, err
	}
	for _, f := range lines {
		kind := kindOf(f.Name)
		if taken&setOf(kind) != 0 {
			return dst, &httpx.SyntaxError{Part: "field name", Value: string(f.Name)}
		}
		if kind == protocolField {
			// RFC 6455, 11.3.4: it "MUST NOT appear more than once in an HTTP
			// response".
			taken |= setOf(kind)
		}
	}
	x.lines = lines
	return append(dst, x.extra...), nil
}

// rejection is what a server answers for err.
func rejection(err error) (status int, reason string, header HandshakeHeader) {
	r, ok := errors.AsType[*ConnectionRejectedError](err)
	if !ok {
		return 500, err.Error(), nil
	}
	status, reason = r.Status, r.Reason
	if status < 200 || 599 < status {
		status = 500
	}
	if reason == "" {
		reason = httpx.StatusText(status)
	}
	return status, reason, r.Header
}

// What goes with the reason in the body of a rejection. The reason may be text
// that a callback has made of what the peer sent: no browser is to take it for
// a page.
const (
	plainText = "text/plain; charset=utf-8"
	noSniff   = "nosniff"
)

// hasContent reports whether a response with this status may have content (RFC
// 9110, sections 6.4.1 and 15.3.6).
func hasContent(status int) bool {
	return status >= 200 && status != 204 && status != 205 && status != 304
}

// appendRejection appends the response that refuses the handshake with err.
func appendRejection(x *exchange, dst, method []byte, common HandshakeHeader, err error) []byte {
	status, reason, header := rejection(err)
	start := len(dst)
	dst, _ = httpx.AppendStatusLine(dst, status, httpx.StatusText(status))
	dst, herr := x.appendHeaders(dst, framingFields, common, header)
	if herr != nil {
		// A field that would break the response is left out with the others;
		// the refusal has to arrive all the same.
		status = 500
		dst, _ = httpx.AppendStatusLine(dst[:start], status, httpx.StatusText(status))
	}
	dst = append(dst, "Connection: close\r\n"...)
	if !hasContent(status) {
		return httpx.AppendEnd(dst)
	}
	if x.lines.Count("Content-Type") == 0 {
		dst = append(dst, "Content-Type: "+plainText+"\r\n"...)
	}
	dst = append(dst, "X-Content-Type-Options: "+noSniff+"\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(reason)), 10)
	dst = append(dst, "\r\n\r\n"...)
	if string(method) == "HEAD" {
		// RFC 9110, 9.3.2: the fields of a response without its content.
		return dst
	}
	return append(dst, reason...)
}

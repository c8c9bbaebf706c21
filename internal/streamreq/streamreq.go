// Package streamreq turns what an http.Client knows of a WebSocket, the opening handshake
// of HTTP/1.1, into what is sent over HTTP/2 and HTTP/3, an extended CONNECT (RFC 8441,
// RFC 9220), and the answer back.
package streamreq

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/wirews/wirews/httpx"
)

// Opens reports whether a request is an opening handshake of HTTP/1.1.
func Opens(req *http.Request) bool {
	return (req.Method == "" || req.Method == http.MethodGet) && hasToken(req.Header["Upgrade"], "websocket")
}

// hasToken reports whether one of the fields, each a list, has an element.
func hasToken(fields []string, token string) bool {
	var all httpx.Fields
	for _, field := range fields {
		all = append(all, httpx.Field{Value: []byte(field)})
	}
	return all.HasToken("", token)
}

// BelongsToHTTP1 tells the fields that newer versions have other means for (RFC 9113,
// section 8.2.2; RFC 9114, section 4.2), and those that an extended CONNECT does not
// have (RFC 8441, section 5). name is in lower case.
func BelongsToHTTP1(name string) bool {
	switch name {
	case "host", "connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding", "te", "http2-settings",
		"content-length", "sec-websocket-key", "sec-websocket-accept":
		return true
	}
	return strings.HasPrefix(name, ":")
}

// Response returns the answer to an extended CONNECT as an http.Client knows it: body
// is the stream, and Request what was sent, with the method CONNECT, by which package
// websocket tells it from an answer of HTTP/1.1.
func Response(req *http.Request, major, status int, header http.Header, body net.Conn) *http.Response {
	proto := fmt.Sprintf("HTTP/%d.0", major)
	sent := req.Clone(req.Context())
	sent.Method, sent.Proto, sent.ProtoMajor, sent.ProtoMinor = http.MethodConnect, proto, major, 0
	return &http.Response{
		Status:     fmt.Sprintf("%03d %s", status, http.StatusText(status)),
		StatusCode: status,
		Proto:      proto, ProtoMajor: major,
		Header:        header,
		Body:          body,
		ContentLength: -1,
		Request:       sent,
	}
}

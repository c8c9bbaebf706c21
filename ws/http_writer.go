package ws

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/earlyconn"
)

// isServers reports whether w is the writer that net/http's server has made, and
// nobody has wrapped. The type has no name outside of net/http. If it ever gets
// another one there, responses take the way that is open to every writer.
func isServers(w http.ResponseWriter) bool {
	t := reflect.TypeOf(w)
	return t.Kind() == reflect.Pointer && t.Elem().Name() == "response" && t.Elem().PkgPath() == "net/http"
}

// isCompressed reports whether a middleware is going to compress the body.
func isCompressed(w http.ResponseWriter, r *http.Request) bool {
	if len(r.Header["Accept-Encoding"]) == 0 {
		return false
	}
	for _, v := range w.Header()["Vary"] {
		if hasElement([]byte(v), "Accept-Encoding") {
			return true
		}
	}
	return false
}

// isForeign reports whether the request has come to another server than
// net/http's, whose writer then is an imitation: by way of its network address,
// which is not that of a request made by hand or by httptest (RFC 5737: 192.0.2.0
// is nobody's).
func isForeign(r *http.Request) bool {
	if _, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		return false
	}
	return r.RemoteAddr != "" && !strings.HasPrefix(r.RemoteAddr, "192.0.2.")
}

// switchBy writes the response by w and takes the connection.
func (u *HTTPUpgrader) switchBy(x *exchange, w http.ResponseWriter, r *http.Request, key []byte, hs *Handshake) (net.Conn, *bufio.ReadWriter, Handshake, error) {
	if err := u.prepare(w, key, hs); err != nil {
		u.refuse(x, w, r, err)
		return nil, nil, Handshake{}, err
	}
	control := http.NewResponseController(w)
	if u.Timeout > 0 {
		control.SetWriteDeadline(time.Now().Add(u.Timeout))
	}
	w.WriteHeader(http.StatusSwitchingProtocols)
	for inner := w; inner != nil; inner = unwrap(inner) {
		// Gin only notes the status until something is written, and does not
		// write it when its connection is taken.
		if late, ok := inner.(interface{ WriteHeaderNow() }); ok {
			late.WriteHeaderNow()
			break
		}
	}
	conn, rw, err := control.Hijack()
	if err != nil {
		return nil, nil, Handshake{}, rejectCause(ErrNotHijacker, err)
	}
	if wasKept(r, w.Header(), conn, rw) {
		if x.out, err = appendAcceptance(x, x.out[:0], key, hs, addedHeader(w.Header())); err == nil {
			err = u.respond(x, conn, rw)
		}
	} else {
		conn, err = u.takeOver(conn, rw)
	}
	if err != nil {
		conn.Close()
		return nil, nil, Handshake{}, err
	}
	return conn, rw, *hs, nil
}

// takeOver empties the server's buffers after it has written the response.
func (u *HTTPUpgrader) takeOver(conn net.Conn, rw *bufio.ReadWriter) (net.Conn, error) {
	// The server's deadlines were for the request. An error says that there are
	// none that could be left over.
	conn.SetDeadline(time.Time{})
	if rw.Writer.Buffered() > 0 {
		if err := rw.Writer.Flush(); err != nil {
			return conn, err
		}
	}
	n := rw.Reader.Buffered()
	if n == 0 {
		return conn, nil
	}
	// The response was sent before the connection was taken: these may be the
	// frames of a client that has waited for it.
	b := make([]byte, n)
	_, err := io.ReadFull(rw.Reader, b)
	return earlyconn.Wrap(conn, b), err
}

// wasKept reports whether a wrapper has kept the status for itself, waiting for
// a body, when net/http's server gave conn away: then its client has no response
// yet. The server prints the head of a response into the buffer that it hands
// out with the connection, where it stays until something else is written. If
// somebody has wrapped that too, or the head is larger, there is no telling.
func wasKept(r *http.Request, h http.Header, conn net.Conn, rw *bufio.ReadWriter) bool {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn, *tls.Conn:
	default:
		return false
	}
	size := 256 // of the status line, and of what the server adds, such as Date
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	buffer := rw.Writer.AvailableBuffer()
	buffer = buffer[:cap(buffer)]
	_, isServers := r.Context().Value(http.ServerContextKey).(*http.Server)
	return isServers && size <= len(buffer) && !bytes.Contains(buffer, []byte(h.Get("Sec-WebSocket-Accept")))
}

// prepare makes the header of w that of the response. It changes nothing if the
// error is not nil.
func (u *HTTPUpgrader) prepare(w http.ResponseWriter, key []byte, hs *Handshake) error {
	for inner := w; ; {
		if _, ok := inner.(http.Hijacker); ok {
			break
		}
		if inner = unwrap(inner); inner == nil {
			return rejectCause(ErrNotHijacker, http.ErrNotSupported)
		}
	}
	extensions, err := appendExtensions(nil, hs.Extensions)
	if err != nil {
		return rejectCause(ErrHandshakeBadResponse, err)
	}
	if hs.Protocol != "" && !httpx.IsToken(hs.Protocol) {
		return reject(ErrHandshakeBadResponse, hs.Protocol)
	}
	h := w.Header()
	u.setHeader(h, hs, extensions)
	h.Set("Upgrade", "websocket")
	h.Set("Connection", "Upgrade")
	h.Set("Sec-WebSocket-Accept", string(appendAccept(nil, key)))
	return nil
}

// setHeader makes h that of a response, without what belongs to HTTP/1.1.
func (u *HTTPUpgrader) setHeader(h http.Header, hs *Handshake, extensions []byte) {
	for name := range h {
		if isOurs(name) {
			delete(h, name)
		}
	}
	for name, values := range u.Header {
		if !isOurs(name) {
			h[name] = append(h[name], values...)
		}
	}
	if hs.Protocol != "" {
		h.Set("Sec-WebSocket-Protocol", hs.Protocol)
	}
	if _, list, ok := bytes.Cut(bytes.TrimSpace(extensions), []byte(": ")); ok {
		h.Set("Sec-WebSocket-Extensions", string(list))
	}
}

// unwrap returns what w is wrapped around, as http.ResponseController finds it,
// or nil.
func unwrap(w http.ResponseWriter) http.ResponseWriter {
	if wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		return wrapper.Unwrap()
	}
	return nil
}

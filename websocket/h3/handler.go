package h3

import (
	"fmt"
	"net"
	"net/http"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Handler has websocket.Accept take the streams of an http3.Server in the handler next,
// and in what that calls. The ResponseWriter of a WebSocket's request is a
// [websocket.StreamHijacker] then; what wraps it has to have a method Unwrap, as
// http.ResponseController wants it. Other requests are passed on as they are.
//
// A handshake in 0-RTT data, which somebody else can send again, is answered with 425
// (Too Early; RFC 8470): the client sends it once more when it has finished that of TLS.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streamer, ok := w.(http3.HTTPStreamer)
		switch {
		case !ok || !ws.IsExtendedConnect(r):
			next.ServeHTTP(w, r)
		case r.TLS != nil && !r.TLS.HandshakeComplete:
			w.WriteHeader(http.StatusTooEarly)
		default:
			next.ServeHTTP(&writer{w, streamer, r}, r)
		}
	})
}

// writer is the ResponseWriter of a WebSocket's request.
type writer struct {
	http.ResponseWriter
	streamer http3.HTTPStreamer
	r        *http.Request
}

var _ websocket.StreamHijacker = (*writer)(nil)

// Unwrap returns the http3.Server's.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// HijackStream takes the stream.
func (w *writer) HijackStream() (net.Conn, error) {
	s, err := w.streamer.HTTPStream()
	if err != nil {
		return nil, fmt.Errorf("h3: the stream cannot be taken: %w", err)
	}
	ctx := w.r.Context()
	local, _ := ctx.Value(http.LocalAddrContextKey).(net.Addr)
	remote, _ := ctx.Value(http3.RemoteAddrContextKey).(net.Addr)
	return newConn(s, local, remote, *w.r.TLS, func() {}), nil
}

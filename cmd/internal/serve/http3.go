package serve

import (
	"net"
	"net/http"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket/h3"
	_ "github.com/wirews/wirews/websocket/xconnect" // for HTTP/2
)

// ServeHTTP3 serves over HTTP/3 what Serve does, until Shutdown is called; the error is
// http.ErrServerClosed then. There have to be Options.TLS.
func (s *Server) ServeHTTP3(socket net.PacketConn) error {
	h := &http3.Server{
		Handler:        h3.Handler(s.http.Handler),
		TLSConfig:      s.options.TLS.Clone(),
		QUICConfig:     h3.QUICConfig(100, 0),
		MaxHeaderBytes: s.options.MaxHead,
		Logger:         s.options.Log,
	}
	s.http3.Store(h)
	if s.closing.Load() {
		return http.ErrServerClosed
	}
	return h.Serve(socket)
}

// announceHTTP3 has browsers come by HTTP/3 the next time, if that is served.
func (s *Server) announceHTTP3(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := s.http3.Load(); h != nil {
			h.SetQUICHeaders(w.Header())
		}
		next.ServeHTTP(w, r)
	})
}

package overh2

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/wirews/wirews/internal/streamreq"
	"github.com/wirews/wirews/ws"
)

// Front is an http.Handler for HTTP/2 and HTTP/3 that passes WebSockets on to a server
// of HTTP/1.1: the handshake is translated, and what follows goes on as it is.
type Front struct {
	Dial func() (net.Conn, error) // connects to the server
}

// ServeHTTP passes one WebSocket on, and returns when it has ended.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !ws.IsExtendedConnect(r) {
		http.Error(w, "only WebSockets over HTTP/2 and HTTP/3 are passed on", http.StatusNotImplemented)
		return
	}
	conn, err := f.Dial()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer conn.Close()
	from := bufio.NewReader(conn)
	resp, err := ask(conn, from, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for name, values := range resp.Header {
		if !streamreq.BelongsToHTTP1(strings.ToLower(name)) {
			w.Header()[name] = values
		}
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
		return
	}
	w.WriteHeader(http.StatusOK)
	if http.NewResponseController(w).Flush() == nil {
		pass(w, r, conn, from)
	}
}

// ask sends an extended CONNECT as an opening handshake of HTTP/1.1.
func ask(conn net.Conn, from *bufio.Reader, r *http.Request) (*http.Response, error) {
	req := &http.Request{Method: http.MethodGet, URL: r.URL, Host: r.Host, Header: r.Header.Clone(), ProtoMajor: 1, ProtoMinor: 1}
	for name := range req.Header {
		if streamreq.BelongsToHTTP1(strings.ToLower(name)) {
			delete(req.Header, name)
		}
	}
	key := make([]byte, 16)
	rand.Read(key)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	return http.ReadResponse(from, req)
}

// pass passes bytes on, in both directions, until the server has ended its own. If it
// has not done so in good order, the stream is reset.
func pass(w http.ResponseWriter, r *http.Request, conn net.Conn, from io.Reader) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(conn, r.Body); err != nil {
			conn.Close()
		} else if half, ok := conn.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	}()
	_, err := io.Copy(flushing{w, http.NewResponseController(w)}, from)
	r.Body.Close()
	conn.Close()
	<-done
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// flushing sends what is written to it at once.
type flushing struct {
	w       io.Writer
	control *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = f.control.Flush()
	}
	return n, err
}

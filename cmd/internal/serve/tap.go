package serve

import (
	"bufio"
	"net"
	"net/http"
	"sync"

	"github.com/wirews/wirews/ws"
)

// mostTapped is how many bytes a tap keeps in each direction: the longest message of
// /frames, in fragments of two bytes.
const mostTapped = 8 * maxSaid

// tap copies what travels on a connection of HTTP/1.1. It is nothing to read or write by
// until Hijack has been called, and over HTTP/2 and HTTP/3 that never happens.
type tap struct {
	net.Conn
	mu      sync.Mutex
	in, out []byte
	over    bool // there was more than mostTapped: where frames begin is not known any more
}

// tapping is the response of a handshake whose connection is tapped.
type tapping struct {
	http.ResponseWriter
	tap *tap
}

// Unwrap is for http.ResponseController.
func (t tapping) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Hijack implements http.Hijacker.
func (t tapping) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	t.tap.Conn = conn
	early, _ := rw.Reader.Peek(rw.Reader.Buffered()) // which will not be read by way of the tap
	t.tap.in = append(t.tap.in, early...)
	return t.tap, rw, nil
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.keep(&t.in, p[:n])
	return n, err
}

func (t *tap) Write(p []byte) (int, error) {
	n, err := t.Conn.Write(p)
	t.keep(&t.out, p[:n])
	return n, err
}

func (t *tap) keep(to *[]byte, p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over = t.over || len(*to)+len(p) > mostTapped; t.over {
		*to = nil
		return
	}
	*to = append(*to, p...)
}

// received returns the frames up to the end of the first message that is still kept, and
// forgets them.
func (t *tap) received() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n := 0; ; {
		var h ws.Header
		head, err := h.Parse(t.in[n:])
		if err != nil || h.Length > int64(len(t.in)-n-head) {
			return nil
		}
		n += head + int(h.Length)
		if h.Fin && !h.OpCode.IsControl() {
			frames := t.in[:n:n]
			t.in = t.in[n:]
			return frames
		}
	}
}

// sent returns what has been written since it was called last.
func (t *tap) sent() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	frames := t.out
	t.out = nil
	return frames
}

// lost reports whether frames cannot be told apart any more, or never could.
func (t *tap) lost() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over || t.Conn == nil
}

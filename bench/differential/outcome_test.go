package differential

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// outcome is what a client's bytes amount to.
type outcome struct {
	messages []string
	pongs    []string
	code     ws.StatusCode // of the close frame that was sent; 0: none was
	end      error
}

func (o *outcome) add(op int, p []byte) {
	o.messages = append(o.messages, fmt.Sprintf("%d:%s", op, p))
}

func (o *outcome) String() string {
	return fmt.Sprintf("messages %.1000q, pongs %.1000q, code %d, %v", o.messages, o.pongs, o.code, o.end)
}

// agrees reports whether a client sees no difference.
func (o *outcome) agrees(other *outcome) bool {
	return strings.Join(o.messages, "\x00") == strings.Join(other.messages, "\x00") &&
		strings.Join(o.pongs, "\x00") == strings.Join(other.pongs, "\x00") && o.code == other.code
}

// received fills in what w was given after the handshake.
func (o *outcome) received(w *wire) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, b, _ := bytes.Cut(w.written, []byte("\r\n\r\n"))
	for {
		h, n, err := ws.ParseHeader(b)
		if err != nil || h.Length > int64(len(b)-n) {
			return
		}
		p := b[n : n+int(h.Length)]
		b = b[n+len(p):]
		switch h.OpCode {
		case ws.OpPong:
			o.pongs = append(o.pongs, string(p))
		case ws.OpClose:
			if o.code = ws.StatusNoStatusRcvd; len(p) >= 2 {
				o.code, _ = ws.ParseCloseFrameData(p)
			}
			return
		}
	}
}

// outcomeOf runs one library on in.
func outcomeOf(t *testing.T, in []byte, run func(t *testing.T, w *wire, o *outcome)) *outcome {
	t.Helper()
	w, o := &wire{in: bytes.NewReader(in)}, new(outcome)
	run(t, w, o)
	o.received(w)
	return o
}

// wire is a connection whose client has sent in and then ended its direction. It takes
// whatever is written.
type wire struct {
	in      *bytes.Reader
	mu      sync.Mutex
	written []byte
}

var _ net.Conn = (*wire)(nil)

func (w *wire) Read(p []byte) (int, error) { return w.in.Read(p) }

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = append(w.written, p...)
	return len(p), nil
}

func (*wire) Close() error                     { return nil }
func (*wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

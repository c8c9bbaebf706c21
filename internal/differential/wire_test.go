package differential

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// wire is a connection whose peer has sent pieces, one for a Read, and then ended
// its direction. It takes whatever is written, and never waits.
type wire struct {
	net.Conn // its addresses and deadlines

	mu      sync.Mutex
	pieces  [][]byte
	written []byte

	close  sync.Once
	closed chan struct{}
}

// newWire returns a wire that yields copies of pieces: they may be changed in place.
func newWire(pieces [][]byte) *wire {
	w := &wire{Conn: wstest.NewConn(), closed: make(chan struct{})}
	for _, p := range pieces {
		if len(p) > 0 {
			w.pieces = append(w.pieces, append([]byte(nil), p...))
		}
	}
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.pieces[0])
	if w.pieces[0] = w.pieces[0][n:]; len(w.pieces[0]) == 0 {
		w.pieces = w.pieces[1:]
	}
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = append(w.written, p...)
	return len(p), nil
}

func (w *wire) Close() error {
	w.close.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) SetDeadline(time.Time) error { return nil }

// answers returns what was written, frame by frame. It has to be what a peer takes.
func (w *wire) answers(t *testing.T, side ws.State) (frames []string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	return answersIn(t, side, w.written)
}

// answersIn returns the frames of side in b.
func answersIn(t *testing.T, side ws.State, b []byte) (frames []string) {
	t.Helper()
	peer := wsproto.Receiver{Config: &wsproto.Config{State: other(side)}}
	for {
		ev, n, err := peer.Next(b, nil)
		if b = b[n:]; err == ws.ErrShort || err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("what was sent breaks a rule: %v", err)
		}
		if !ev.Op.IsControl() {
			t.Fatalf("a message was sent: %q", ev.Payload)
		}
		frames = append(frames, control(ev))
	}
	if len(b) > 0 || peer.Inside() {
		t.Fatalf("what was sent ends inside of a frame, or after a close frame: %x", b)
	}
	return frames
}

func other(side ws.State) ws.State {
	if side == ws.StateServerSide {
		return ws.StateClientSide
	}
	return ws.StateServerSide
}

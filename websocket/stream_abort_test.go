//go:build !js

package websocket

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// blocked is a ResponseWriter for a client that takes nothing.
type blocked struct {
	http.ResponseWriter
	t *testing.T
}

func (b blocked) Write([]byte) (int, error) {
	b.t.Error("something is written, and waits for ever")
	return 0, io.ErrClosedPipe
}
func (blocked) Flush()                           {}
func (blocked) SetWriteDeadline(time.Time) error { return nil }

// A write that begins after Abort has looked for one would not be ended by it.
func TestNothingIsWrittenToAStreamAfterAbort(t *testing.T) {
	w := blocked{t: t}
	s := &httpStream{body: io.NopCloser(strings.NewReader("")), w: w, control: http.NewResponseController(w)}
	s.Abort()
	if n, err := s.Write([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%d, %v; want net.ErrClosed", n, err)
	}
}

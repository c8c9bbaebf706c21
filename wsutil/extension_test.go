package wsutil_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// One goroutine reads while another writes, both by the same extension.
func TestExtensionWorksInBothDirectionsAtOnce_190(t *testing.T) {
	client, server := pipe(t)
	const messages = 200
	run := func(conn io.ReadWriter, s ws.State, done chan<- error) {
		x := &runs{}
		go func() {
			w := wsutil.NewWriterSize(conn, s, ws.OpText, 100)
			w.SetEncoder(x)
			for i := range messages {
				fmt.Fprintf(w, "%d %s", i, strings.Repeat("x", i*3))
				if err := w.Flush(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		go func() {
			r := &wsutil.Reader{Source: conn, State: s, CheckUTF8: true, Decoder: x}
			var buf []byte
			for i := range messages {
				p, _, err := r.ReadAppend(buf[:0])
				if want := fmt.Sprintf("%d %s", i, strings.Repeat("x", i*3)); err == nil && string(p) != want {
					err = fmt.Errorf("got %q, want %q", p, want)
				}
				if err != nil {
					done <- err
					return
				}
				buf = p
			}
			done <- nil
		}()
	}
	done := make(chan error, 4)
	run(client, ws.StateClientSide, done)
	run(server, ws.StateServerSide, done)
	for range 4 {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("the endpoints hang")
		}
	}
}

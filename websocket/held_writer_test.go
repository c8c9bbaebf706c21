package websocket

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/internal/endpoint"
)

// A Write that waits for the end of a Writer's message has no buffer meanwhile.
func TestAWriteThatHasToWaitBorrowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, &settings{hold: endpoint.HoldReplies})
		received := allFrames(far)
		w, err := c.Writer(t.Context(), MessageBinary)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, fragmentSize+1)) // the first fragment is sent
		done := make(chan error, 1)
		go func() { done <- c.Write(t.Context(), MessageText, []byte("x")) }()
		synctest.Wait()
		if len(done) > 0 {
			t.Errorf("it has not waited: %v", <-done)
		}
		if p := c.out.box.Pending(); p != nil {
			t.Errorf("it has a buffer with %d bytes", len(p))
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		c.Flush(t.Context())
		synctest.Wait()
		want := fmt.Sprint([]string{fmt.Sprint("binary ", fragmentSize, " bytes"), "continuation \x00", "text x"})
		if got := fmt.Sprint(*received); got != want {
			t.Errorf("the peer receives %q, want %q", got, want)
		}
	})
}

// How long a Writer's message is makes no difference to how much may wait: its
// fragments leave, and of the last one no more is held than of a Write.
func TestALongWriterHoldsNoMoreThanAWrite(t *testing.T) {
	for _, size := range []int{1, 15 << 10, 16 << 10, fragmentSize, 100 << 10, 2 * fragmentSize} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, &settings{hold: endpoint.HoldReplies})
			allFrames(far)
			w, err := c.Writer(t.Context(), MessageBinary)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(make([]byte, size))
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if n := c.out.box.Len(); n >= int(endpoint.HoldReplies) {
				t.Errorf("of a message of %d bytes, %d wait", size, n)
			}
			c.CloseNow()
		})
	}
}

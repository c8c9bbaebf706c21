package wsutil_test

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// cutWrite takes ten bytes of the first write, and everything after that.
type cutWrite struct {
	io.Reader
	writes int
	after  []byte
}

func (c *cutWrite) Write(p []byte) (int, error) {
	if c.writes++; c.writes == 1 {
		return min(10, len(p)), os.ErrDeadlineExceeded
	}
	c.after = append(c.after, p...)
	return len(p), nil
}

// What follows a part of a frame would be taken for the rest of its payload.
func TestNothingFollowsAPartOfAFrame(t *testing.T) {
	for name, do := range map[string]func(s *wsutil.Stream) error{
		"Close":        func(s *wsutil.Stream) error { return s.Close(1000, "bye") },
		"Flush":        func(s *wsutil.Stream) error { return s.Flush() },
		"WriteMessage": func(s *wsutil.Stream) error { return s.WriteMessage(ws.OpText, []byte("x")) },
	} {
		for _, size := range []int{100, 70_000} {
			c := new(cutWrite)
			s := wsutil.NewStream(c, ws.StateServerSide, 0)
			err := s.WriteMessage(ws.OpBinary, make([]byte, size))
			if err == nil {
				err = s.Flush()
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("%v, want os.ErrDeadlineExceeded", err)
			}
			if err := do(s); !errors.Is(err, os.ErrDeadlineExceeded) || len(c.after) > 0 {
				t.Errorf("%s after a part of %d bytes: %v, and %x was sent", name, size, err, c.after)
			}
		}
	}
}

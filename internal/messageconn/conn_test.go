package messageconn_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/messageconn"
	"github.com/wirews/wirews/ws"
)

// socket notes what it is told.
type socket struct {
	mu       sync.Mutex
	told     []string
	buffered int
	broken   error // of Send
}

func (s *socket) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

func (s *socket) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told)
}

func (s *socket) Send(op ws.OpCode, p []byte) error {
	if s.broken != nil {
		return s.broken
	}
	s.note("%d %q", op, p)
	return nil
}

func (s *socket) Buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffered
}

func (s *socket) buffers(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffered = n
}

func (s *socket) Close(code ws.StatusCode, reason string) { s.note("close %d %q", code, reason) }
func (s *socket) Abandon()                                { s.note("abandon") }

type payload []byte

func (p payload) Len() int                        { return len(p) }
func (p payload) CopyAt(dst []byte, from int) int { return copy(dst, p[from:]) }

type addr string

func (a addr) Network() string { return "test" }
func (a addr) String() string  { return string(a) }

func newConn() (*socket, *messageconn.Conn) {
	s := new(socket)
	return s, messageconn.New(s, addr("here"), addr("there"))
}

func TestMessagesAreReadAsFramesOfAServer(t *testing.T) {
	for size := 1; size < 20; size++ {
		_, c := newConn()
		c.Received(ws.OpText, payload("Hello"))
		c.Received(ws.OpBinary, payload{})
		c.Received(ws.OpBinary, payload{1, 2, 3})
		c.Ended(1001, "bye")
		got := ""
		for {
			p := make([]byte, size)
			n, err := c.Read(p)
			got += fmt.Sprintf("%x", p[:n])
			if err == io.EOF {
				break
			}
			if n == 0 || err != nil {
				t.Fatalf("%d bytes, %v", n, err)
			}
		}
		// RFC 6455, 5.7: 0x81 0x05 0x48 0x65 0x6c 0x6c 0x6f (contains "Hello")
		if want := "810548656c6c6f" + "8200" + "8203010203" + "880503e9627965"; got != want {
			t.Errorf("by %d bytes: %s, want %s", size, got, want)
		}
	}
}

func TestAnEndWithoutACloseFrameIsEOF(t *testing.T) {
	s, c := newConn()
	c.Ended(ws.StatusAbnormalClosure, "")
	if n, err := c.Read(make([]byte, 10)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := c.Write(frames(ws.NewTextFrame([]byte("late")))); n != 0 || err == nil {
		t.Errorf("Write: %d, %v", n, err)
	}
	if n, err := c.Write(frames(ws.NewCloseFrame(nil))); n != 6 || err != nil {
		t.Errorf("the answer to a close frame: %d, %v", n, err)
	}
	if got := s.heard(); !slices.Equal(got, []string{`close 1005 ""`}) {
		t.Error(got)
	}
}

func TestADeadlineEndsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newConn()
		c.SetDeadline(time.Now().Add(time.Second))
		begun, b := time.Now(), make([]byte, 10)
		if n, err := c.Read(b); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("%d, %v after %v", n, err, time.Since(begun))
		}
		c.Received(ws.OpText, payload("x"))
		if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		c.SetReadDeadline(time.Time{})
		if n, err := c.Read(b); n != 3 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		go func() {
			time.Sleep(time.Hour)
			c.Received(ws.OpText, payload("y"))
		}()
		if n, err := c.Read(b); string(b[:n]) != "\x81\x01y" || err != nil {
			t.Errorf("%q, %v", b[:n], err)
		}
	})
}

func TestCloseEndsAllCallsAndAbandonsTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newConn()
		s.buffers(messageconn.MaxBuffered + 1)
		errs := make(chan error, 2)
		go func() { _, err := c.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := c.Write(frames(ws.NewTextFrame([]byte("x")))); errs <- err }()
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := <-errs; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("again: %v", err)
		}
		c.Received(ws.OpText, payload("late"))
		c.Ended(1000, "")
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if got := s.heard(); !slices.Equal(got, []string{"abandon"}) {
			t.Error(got)
		}
	})
}

// unseen is a payload whose bytes do not matter.
type unseen int

func (p unseen) Len() int                        { return int(p) }
func (p unseen) CopyAt(dst []byte, from int) int { return min(len(dst), int(p)-from) }

func TestWhatNobodyReadsIsBounded(t *testing.T) {
	s, c := newConn()
	for range 63 {
		c.Received(ws.OpBinary, unseen(1<<20))
	}
	c.Received(ws.OpBinary, unseen(64<<20)) // the one that goes over it is taken
	for range 2 {
		c.Received(ws.OpBinary, unseen(0))
	}
	c.Ended(1000, "")
	n, err := io.Copy(io.Discard, struct{ io.Reader }{c})
	if want := int64(63*(10+1<<20) + 10 + 64<<20); n != want || !errors.Is(err, messageconn.ErrUnread) {
		t.Errorf("%d bytes, %v, want %d", n, err, want)
	}
	if got := s.heard(); !slices.Equal(got, []string{`close 1005 ""`}) {
		t.Error(got)
	}

	_, c = newConn()
	for range 200 { // whoever reads is not bounded
		c.Received(ws.OpBinary, unseen(1<<20))
		if _, err := io.CopyN(io.Discard, c, 10+1<<20); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // what a message takes besides its bytes counts
		c.Received(ws.OpBinary, unseen(32<<20-64))
	}
	if n, err := io.Copy(io.Discard, struct{ io.Reader }{c}); n != 2*(10+32<<20-64) || !errors.Is(err, messageconn.ErrUnread) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

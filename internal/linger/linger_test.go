package linger_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/linger"
)

// scripted is a connection that yields bytes, and notes what is done to it.
type scripted struct {
	net.Conn
	in      io.Reader
	halfErr error

	mu    sync.Mutex
	order []string
	read  int
}

func (s *scripted) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, what)
}

func (s *scripted) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	s.read += n
	return n, err
}

func (s *scripted) CloseWrite() error           { s.note("half"); return s.halfErr }
func (s *scripted) Close() error                { s.note("close"); return nil }
func (s *scripted) SetDeadline(time.Time) error { s.note("interrupt"); return nil }

// nothing is a Reader that returns neither bytes nor an error.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestClose(t *testing.T) {
	for name, tc := range map[string]struct {
		in    io.Reader
		half  error
		order string
		read  int
	}{
		"the end":         {strings.NewReader(""), nil, "half close", 0},
		"bytes":           {strings.NewReader(strings.Repeat("x", 100_000)), nil, "half close", 100_000},
		"no end":          {endless{}, nil, "half close", 256 << 10},
		"nothing":         {nothing{}, nil, "half close", 0},
		"no closing half": {strings.NewReader("x"), errors.New("no"), "half interrupt close", 1},
	} {
		s := &scripted{in: tc.in, halfErr: tc.half}
		linger.Close(s)
		if order := strings.Join(s.order, " "); order != tc.order || s.read != tc.read {
			t.Errorf("%s: %s, %d bytes; want %s, %d", name, order, s.read, tc.order, tc.read)
		}
	}
}

// held is a connection whose sending direction cannot be closed as long as the
// peer does not read, as that of TLS.
type held struct{ net.Conn }

func (h held) CloseWrite() error {
	_, err := h.Write([]byte("alert"))
	return err
}

// noDeadlines is a connection that knows none.
type noDeadlines struct{ net.Conn }

func (noDeadlines) SetDeadline(time.Time) error { return os.ErrNoDeadline }

func TestCloseTakesNoLongerThanASecond(t *testing.T) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"with deadlines":    func(c net.Conn) net.Conn { return c },
		"without deadlines": func(c net.Conn) net.Conn { return noDeadlines{c} },
		"half held":         func(c net.Conn) net.Conn { return held{c} },
	} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer theirs.Close()
			start := time.Now()
			linger.Close(wrap(ours))
			if took := time.Since(start); took != time.Second {
				t.Errorf("%s: %v", name, took)
			}
			if _, err := theirs.Write([]byte("x")); err == nil {
				t.Errorf("%s: it is open", name)
			}
		})
	}
}

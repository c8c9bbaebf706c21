package wstest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// sizes records how many bytes each Read returns and each Write is given.
type sizes struct {
	net.Conn
	reads, writes []int
}

func (s *sizes) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.reads = append(s.reads, n)
	return n, err
}

func (s *sizes) Write(p []byte) (int, error) {
	s.writes = append(s.writes, len(p))
	return s.Conn.Write(p)
}

func TestReadAtMost(t *testing.T) {
	a, b := wstest.NetPipe(0)
	b.Write([]byte("abcde"))
	b.Close()
	seen := &sizes{Conn: wstest.WithFaults(a, wstest.ReadAtMost(2))}
	if got, err := io.ReadAll(seen); string(got) != "abcde" || err != nil || !slices.Equal(seen.reads, []int{2, 2, 1, 0}) {
		t.Errorf("got %q by Reads of %v, %v", got, seen.reads, err)
	}
}

func TestWriteAtMost(t *testing.T) {
	a, b := wstest.NetPipe(0)
	seen := &sizes{Conn: a}
	n, err := wstest.WithFaults(seen, wstest.WriteAtMost(2)).Write([]byte("abcde"))
	if n != 5 || err != nil || !slices.Equal(seen.writes, []int{2, 2, 1}) || b.Buffered() != 5 {
		t.Errorf("%d bytes by Writes of %v, %v", n, seen.writes, err)
	}
	b.Close()
	if n, err := wstest.WithFaults(a, wstest.WriteAtMost(2)).Write([]byte("abcde")); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("to a closed peer: %d, %v", n, err)
	}
}

func TestShortWrites(t *testing.T) {
	a, b := wstest.NetPipe(0)
	if n, err := wstest.WithFaults(a, wstest.ShortWrites(2)).Write([]byte("abc")); n != 2 || err != nil || b.Buffered() != 2 {
		t.Errorf("%d, %v", n, err)
	}
}

// TestFaultsAfterSoManyBytes: what a connection does after 3 bytes, and what its
// peer finds.
func TestFaultsAfterSoManyBytes(t *testing.T) {
	tests := []struct {
		name      string
		fault     func(n int64) wstest.Fault
		reads     bool // it counts what is read
		readErr   error
		writeErr  error
		peerRead  error // after the rest
		peerWrite error
	}{
		{"CutAfterRead", wstest.CutAfterRead, true, io.EOF, syscall.EPIPE, io.EOF, syscall.EPIPE},
		{"CutAfterWrite", wstest.CutAfterWrite, false, io.EOF, syscall.EPIPE, io.EOF, syscall.EPIPE},
		{"ResetAfterRead", wstest.ResetAfterRead, true, syscall.ECONNRESET, syscall.ECONNRESET, syscall.ECONNRESET, syscall.ECONNRESET},
		{"ResetAfterWrite", wstest.ResetAfterWrite, false, syscall.ECONNRESET, syscall.ECONNRESET, syscall.ECONNRESET, syscall.ECONNRESET},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, peer := wstest.NetPipe(0)
			c := wstest.WithFaults(a, test.fault(3))
			want := func(what string, n, wantN int, err, wantErr error) {
				t.Helper()
				if n != wantN || !errors.Is(err, wantErr) {
					t.Errorf("%s: %d, %v; want %d, %v", what, n, err, wantN, wantErr)
				}
			}
			if test.reads {
				peer.Write([]byte("abcde"))
				n, err := c.Read(make([]byte, 2))
				want("2 bytes", n, 2, err, nil)
				n, err = c.Read(make([]byte, 2))
				want("one more", n, 1, err, nil)
			} else {
				n, err := c.Write([]byte("abcde"))
				want("5 bytes", n, 3, err, test.writeErr)
			}
			n, err := c.Read(make([]byte, 2))
			want("Read", n, 0, err, test.readErr)
			n, err = c.Write([]byte("x"))
			want("Write", n, 0, err, test.writeErr)
			_, err = io.ReadAll(peer)
			if test.peerRead == io.EOF {
				want("the peer reads", 0, 0, err, nil)
			} else {
				want("the peer reads", 0, 0, err, test.peerRead)
			}
			n, err = peer.Write([]byte("x"))
			want("the peer writes", n, 0, err, test.peerWrite)
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			n, err = c.Read(make([]byte, 1))
			want("Read after Close", n, 0, err, net.ErrClosed)
		})
	}
}

func TestFaultAfterNothing(t *testing.T) {
	a, b := wstest.NetPipe(0)
	c := wstest.WithFaults(a, wstest.CutAfterWrite(0))
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer: %v", err)
	}
	if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestFaultEndsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := wstest.NetPipe(0)
		c := wstest.WithFaults(a, wstest.ResetAfterWrite(1))
		read := make(chan error, 1)
		go func() {
			_, err := c.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait()
		c.Write([]byte("x"))
		if err := <-read; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
}

func TestStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(0)
		b.Write([]byte("abc"))
		c := wstest.WithFaults(a, wstest.StallAfterRead(2), wstest.StallAfterWrite(2))
		if n, err := c.Read(make([]byte, 8)); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		begin := time.Now()
		c.SetDeadline(begin.Add(time.Hour))
		if n, err := c.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Hour {
			t.Errorf("after %v: %d, %v", time.Since(begin), n, err)
		}
		c.SetDeadline(time.Now().Add(time.Hour))
		if n, err := c.Write([]byte("abc")); n != 2 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != 2*time.Hour {
			t.Errorf("after %v: %d, %v", time.Since(begin), n, err)
		}
		c.SetDeadline(time.Time{})
		ended := make(chan error, 2)
		go func() {
			_, err := c.Read(make([]byte, 1))
			ended <- err
		}()
		go func() {
			_, err := c.Write(make([]byte, 1))
			ended <- err
		}()
		time.Sleep(24 * time.Hour)
		if len(ended) > 0 {
			t.Error("it has not stalled")
		}
		c.Close()
		for range 2 {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(0)
		c := wstest.WithFaults(a, wstest.DelayReads(time.Minute), wstest.DelayWrites(time.Hour))
		begin := time.Now()
		after := func(what string, want time.Duration, n int, err error) {
			t.Helper()
			if n != 3 || err != nil || time.Since(begin) != want {
				t.Errorf("%s after %v: %d, %v", what, time.Since(begin), n, err)
			}
		}
		n, err := c.Write([]byte("abc"))
		after("Write", time.Hour, n, err)
		b.Write([]byte("abc"))
		n, err = c.Read(make([]byte, 8))
		after("Read", time.Hour+time.Minute, n, err)

		// A deadline loses nothing.
		b.Write([]byte("def"))
		c.SetDeadline(time.Now().Add(time.Second))
		if n, err := c.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := c.Write([]byte("x")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || b.Buffered() != 3 {
			t.Errorf("%d, %v", n, err)
		}
		c.SetDeadline(time.Time{})
		got := make([]byte, 8)
		if n, err := c.Read(got); string(got[:n]) != "def" || err != nil {
			t.Errorf("got %q, %v", got[:n], err)
		}
	})
}

func TestIgnoreDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(0)
		c := wstest.WithFaults(a, wstest.IgnoreDeadlines(), wstest.StallAfterWrite(1))
		for _, set := range []func(time.Time) error{c.SetDeadline, c.SetReadDeadline, c.SetWriteDeadline} {
			if err := set(time.Unix(1, 0)); err != nil {
				t.Error(err)
			}
		}
		b.Write([]byte("x"))
		if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		time.AfterFunc(time.Hour, func() { c.Close() })
		begin := time.Now()
		if n, err := c.Write([]byte("ab")); n != 1 || !errors.Is(err, net.ErrClosed) || time.Since(begin) != time.Hour {
			t.Errorf("after %v: %d, %v", time.Since(begin), n, err)
		}
	})
}

// TestFaultsCompose: the first is nearest to the user, and half closes and resets
// pass through all of them.
func TestFaultsCompose(t *testing.T) {
	a, b := wstest.NetPipe(0)
	c := wstest.WithFaults(a, wstest.ResetAfterRead(5), wstest.ReadAtMost(2), wstest.WriteAtMost(1))
	c.(interface{ CloseWrite() error }).CloseWrite()
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("CloseWrite: the peer finds %v", err)
	}
	b.Write(bytes.Repeat([]byte("x"), 10))
	seen := &sizes{Conn: c}
	got, err := io.ReadAll(seen)
	if len(got) != 5 || !errors.Is(err, syscall.ECONNRESET) || !slices.Equal(seen.reads, []int{2, 2, 1, 0}) {
		t.Errorf("%d bytes by Reads of %v, %v", len(got), seen.reads, err)
	}

	a, b = wstest.NetPipe(0)
	wstest.WithFaults(a, wstest.ReadAtMost(1), wstest.IgnoreDeadlines()).(interface{ Reset() error }).Reset()
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Reset: the peer finds %v", err)
	}
}

// TestFaultsOverTCP: a reset is one there too.
func TestFaultsOverTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	wstest.WithFaults(server, wstest.ResetAfterWrite(0))
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
	var below struct{ net.Conn }
	if err := wstest.WithFaults(below, wstest.IgnoreDeadlines()).(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite of what has none: %v", err)
	}
}

func TestWebSocketGoesByteByByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := wstest.NetPipe(1)
		faults := []wstest.Fault{wstest.ReadAtMost(1), wstest.WriteAtMost(1), wstest.DelayReads(time.Millisecond)}
		server, client := wstest.PipeOver(t, wstest.WithFaults(a, faults...), wstest.WithFaults(b, faults...), nil, nil)
		go server.Write(t.Context(), websocket.MessageText, []byte("hello"))
		if _, p, err := client.Read(t.Context()); string(p) != "hello" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
	})
}

package streamconn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/streamconn"
)

// stream is one whose calls end only by themselves or by Abort.
type stream struct {
	in, out chan []byte // out has no buffer: a Write waits until it is received
	aborted chan struct{}
	once    sync.Once
	ended   bool // by CloseWrite
	left    []byte
}

func newStream() *stream {
	return &stream{in: make(chan []byte), out: make(chan []byte), aborted: make(chan struct{})}
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.left) == 0 {
		select {
		case b, more := <-s.in:
			if !more {
				return 0, io.EOF
			}
			s.left = b
		case <-s.aborted:
			return 0, errors.New("aborted")
		}
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

func (s *stream) Write(p []byte) (int, error) {
	select {
	case s.out <- bytes.Clone(p):
		return len(p), nil
	case <-s.aborted:
		return 0, errors.New("aborted")
	}
}

func (s *stream) CloseWrite() error { s.ended = true; return nil }
func (s *stream) Abort()            { s.once.Do(func() { close(s.aborted) }) }

type addr string

func (a addr) Network() string { return "test" }
func (a addr) String() string  { return string(a) }

func TestADeadlineEndsTheCallAndNotTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream()
		c := streamconn.New(s, addr("here"), addr("there"))
		defer c.Abort()
		b := make([]byte, 10)
		begun := time.Now()
		c.SetReadDeadline(begun.Add(time.Second))
		if n, err := c.Read(b); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begun) != time.Second {
			t.Fatalf("%d, %v after %v", n, err, time.Since(begun))
		}
		if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		c.SetReadDeadline(time.Time{})
		go func() { s.in <- []byte("late") }()
		if n, err := c.Read(b); string(b[:n]) != "late" || err != nil {
			t.Errorf("%q, %v", b[:n], err)
		}

		c.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := c.Write([]byte("first")); n != 5 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d, %v: what was handed over is to be sent", n, err)
		}
		c.SetWriteDeadline(time.Time{})
		go c.Write([]byte(" second"))
		if got := string(<-s.out) + string(<-s.out); got != "first second" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestADeadlineThatMovesEndsACallThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream()
		c := streamconn.New(s, nil, nil)
		defer c.Abort()
		done := make(chan error)
		go func() {
			_, err := c.Read(make([]byte, 1))
			done <- err
		}()
		synctest.Wait()
		c.SetDeadline(time.Now().Add(time.Hour))
		synctest.Wait()
		c.SetDeadline(time.Unix(1, 0))
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A read needs a goroutine, and no new buffer.
func TestReadingAllocatesLittle(t *testing.T) {
	s := newStream()
	c := streamconn.New(s, nil, nil)
	defer c.Abort()
	message, p := make([]byte, 1000), make([]byte, 1000)
	read := func() {
		go func() { s.in <- message }()
		if _, err := io.ReadFull(c, p); err != nil {
			t.Fatal(err)
		}
	}
	const reads = 1000
	read()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range reads {
		read()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / reads; each > 1000 {
		t.Errorf("%d bytes each", each)
	}
}

func TestWriteTakesNoMoreThanFitsIntoItsBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream()
		c := streamconn.New(s, nil, nil)
		defer c.Abort()
		big := []byte(strings.Repeat("0123456789", 30_000))
		c.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := c.Write(big)
		if !errors.Is(err, os.ErrDeadlineExceeded) || n > 128<<10 {
			t.Fatalf("%d bytes are held, %v", n, err)
		}
		c.SetWriteDeadline(time.Time{})
		go func() {
			if k, err := c.Write(big[n:]); err != nil || n+k != len(big) {
				t.Errorf("%d, %v", k, err)
			}
			close(s.out)
		}()
		var got []byte
		for b := range s.out {
			got = append(got, b...)
		}
		if !bytes.Equal(got, big) {
			t.Errorf("%d bytes were sent, or others", len(got))
		}
	})
}

func TestTheEndOfTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream()
		c := streamconn.New(s, nil, nil)
		close(s.in)
		for range 2 {
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("Read: %v", err)
			}
		}
		go func() { <-s.out }()
		if _, err := c.Write([]byte("x")); err != nil {
			t.Errorf("the other direction: %v", err)
		}
		if err := c.CloseWrite(); err != nil || !s.ended {
			t.Errorf("CloseWrite: %v", err)
		}
		c.Close()
	})
}

func TestCloseSendsWhatWasHandedOverForAWhile(t *testing.T) {
	for _, taken := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newStream()
			c := streamconn.New(s, nil, nil)
			c.SetWriteDeadline(time.Now().Add(time.Second))
			c.Write([]byte("bye"))
			var sent string
			if taken {
				go func() { sent = string(<-s.out) }()
			}
			begun := time.Now()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if took := time.Since(begun); taken && (sent != "bye" || took != 0 || !s.ended) || !taken && took != time.Second {
				t.Errorf("taken %v: sent %q after %v", taken, sent, took)
			}
			if err := c.Close(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("again: %v", err)
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Read: %v", err)
			}
			if _, err := c.Write([]byte("x")); err == nil {
				t.Error("Write after Close")
			}
		})
	}
}

func TestAbortEndsCallsThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream()
		c := streamconn.New(s, addr("here"), addr("there"))
		results := make(chan error, 2)
		go func() {
			_, err := c.Read(make([]byte, 1))
			results <- err
		}()
		go func() {
			_, err := c.Write(make([]byte, 1))
			results <- err
		}()
		synctest.Wait()
		c.Abort()
		for range 2 {
			if err := <-results; err == nil {
				t.Error("a call has succeeded")
			}
		}
		<-c.Closed()
		if c.LocalAddr().String() != "here" || c.RemoteAddr().String() != "there" {
			t.Errorf("%v, %v", c.LocalAddr(), c.RemoteAddr())
		}
	})
}

// stuckStream takes nothing until it is aborted, and has nothing to be read.
type stuckStream struct {
	end   chan struct{}
	ended bool // written without a lock: whoever has been told of the end may look
}

func (s *stuckStream) Read([]byte) (int, error) {
	<-s.end
	return 0, io.EOF
}

func (s *stuckStream) Write([]byte) (int, error) {
	<-s.end
	s.ended = true
	return 0, io.ErrClosedPipe
}
func (s *stuckStream) CloseWrite() error { return nil }
func (s *stuckStream) Abort()            { close(s.end) }

// A handler of HTTP returns when its Read does, and nothing may touch its response then.
func TestAReadThatCloseEndsIsTheLastCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuckStream{end: make(chan struct{})}
		c := streamconn.New(s, nil, nil)
		go c.Write([]byte("x"))
		synctest.Wait()
		go c.Close()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) || !s.ended {
			t.Errorf("%v, the write has ended: %v", err, s.ended)
		}
		<-c.Closed()
	})
}

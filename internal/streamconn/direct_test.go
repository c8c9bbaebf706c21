package streamconn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/streamconn"
)

// pipeStream is a stream that can go on with a Write after its deadline.
type pipeStream struct {
	net.Conn
	ended bool
}

func (s *pipeStream) CloseWrite() error { s.ended = true; return nil }
func (s *pipeStream) Abort()            { s.Conn.Close() }

func direct(f func(t *testing.T, c *streamconn.Conn, s *pipeStream, peer net.Conn)) func(t *testing.T) {
	return func(t *testing.T) {
		here, peer := net.Pipe()
		defer peer.Close()
		s := &pipeStream{Conn: here}
		c := streamconn.New(s, nil, nil)
		defer c.Close()
		f(t, c, s, peer)
	}
}

func TestAWriteThatGoesOnAfterItsDeadline(t *testing.T) {
	synctest.Test(t, direct(func(t *testing.T, c *streamconn.Conn, s *pipeStream, peer net.Conn) {
		c.SetWriteDeadline(time.Now().Add(time.Second))
		got := make([]byte, 2)
		go io.ReadFull(peer, got)
		n, err := c.Write([]byte("hello"))
		if n != 2 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d, %v", n, err)
		}
		c.SetDeadline(time.Time{})
		rest := make(chan []byte, 1)
		go func() {
			p := make([]byte, 3)
			io.ReadFull(peer, p)
			rest <- p
		}()
		if n, err := c.Write([]byte("llo")); n != 3 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if all := append(got, <-rest...); string(all) != "hello" {
			t.Errorf("received %q", all)
		}
	}))
}

func TestCloseWaitsForAWriteForAWhile(t *testing.T) {
	for _, taken := range []bool{true, false} {
		synctest.Test(t, direct(func(t *testing.T, c *streamconn.Conn, s *pipeStream, peer net.Conn) {
			written := make(chan error, 1)
			go func() {
				_, err := c.Write([]byte("bye"))
				written <- err
			}()
			synctest.Wait()
			var got bytes.Buffer
			if taken {
				go func() {
					time.Sleep(time.Second / 2)
					io.CopyN(&got, peer, 3)
				}()
			}
			begun := time.Now()
			c.SetWriteDeadline(time.Time{})
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if err, took := <-written, time.Since(begun); taken && (err != nil || took != time.Second/2 || !s.ended) || !taken && (err == nil || took != time.Second) {
				t.Errorf("taken %v: %v after %v, ended %v", taken, err, took, s.ended)
			}
			if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Write after Close: %v", err)
			}
		}))
	}
}

// noteStream counts what is done to a stream.
type noteStream struct {
	pipeStream
	calls int
}

func (s *noteStream) CloseWrite() error                { s.calls++; return nil }
func (s *noteStream) SetWriteDeadline(time.Time) error { s.calls++; return nil }

func TestNothingIsDoneToADirectStreamAfterItsEnd(t *testing.T) {
	for name, end := range map[string]func(*streamconn.Conn){
		"Close": func(c *streamconn.Conn) { c.Close() },
		"Abort": (*streamconn.Conn).Abort,
	} {
		here, peer := net.Pipe()
		s := &noteStream{pipeStream: pipeStream{Conn: here}}
		c := streamconn.New(s, nil, nil)
		end(c)
		before := s.calls
		err := c.CloseWrite()
		c.SetWriteDeadline(time.Now())
		c.SetDeadline(time.Now())
		if s.calls != before || !errors.Is(err, net.ErrClosed) {
			t.Errorf("after %s: %d calls more; CloseWrite: %v", name, s.calls-before, err)
		}
		peer.Close()
	}
}

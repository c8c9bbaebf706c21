package main

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"
)

// feed is a connection whose peer has sent all that it sends: first a head, if there
// is a whole one, and what follows in as large pieces as are asked for. What is
// written is dropped.
type feed struct {
	head, rest []byte
	waiting    chan struct{} // closed when more is asked for
	over       chan struct{} // closed to end it then
	once       sync.Once
}

func newFeed(sent []byte) *feed {
	f := &feed{head: sent, waiting: make(chan struct{}), over: make(chan struct{})}
	if i := bytes.Index(sent, []byte("\r\n\r\n")); i >= 0 {
		f.head, f.rest = sent[:i+4], sent[i+4:]
	}
	return f
}

func (f *feed) Read(p []byte) (n int, err error) {
	if len(f.head) > 0 {
		n = copy(p, f.head)
		f.head = f.head[n:]
		return n, nil
	}
	if len(f.rest) > 0 {
		n = copy(p, f.rest)
		f.rest = f.rest[n:]
		return n, nil
	}
	f.once.Do(func() { close(f.waiting) })
	<-f.over
	return 0, io.EOF
}

func (f *feed) Write(p []byte) (int, error)      { return len(p), nil }
func (f *feed) Close() error                     { return nil }
func (f *feed) LocalAddr() net.Addr              { return new(net.TCPAddr) }
func (f *feed) RemoteAddr() net.Addr             { return new(net.TCPAddr) }
func (f *feed) SetDeadline(time.Time) error      { return nil }
func (f *feed) SetReadDeadline(time.Time) error  { return nil }
func (f *feed) SetWriteDeadline(time.Time) error { return nil }

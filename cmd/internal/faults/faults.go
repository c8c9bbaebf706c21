// Package faults makes a good network a bad one, for whoever wants to know what a
// client does then: what is sent arrives later, and connections are cut.
package faults

import (
	"math/rand/v2"
	"net"
	"time"
)

// Options say how bad the network is. The zero value leaves it as it is.
type Options struct {
	Latency  time.Duration // by which what is written arrives later
	Jitter   time.Duration // up to which it arrives later still, at random; bytes stay in order
	CutAfter time.Duration // after which a connection is cut, on average; 0: never
}

// Any reports whether anything is to go wrong.
func (o Options) Any() bool { return o != Options{} }

// Listener returns l, whose connections have the faults.
func Listener(l net.Listener, o Options) net.Listener {
	if !o.Any() {
		return l
	}
	return &listener{l, o}
}

type listener struct {
	net.Listener
	options Options
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d := newDelayed(c, l.options)
	if l.options.CutAfter > 0 {
		// Exponential: as a link that fails, it does not know how old it is.
		d.cutter = time.AfterFunc(time.Duration(rand.ExpFloat64()*float64(l.options.CutAfter)), func() { cut(c) })
	}
	return d, nil
}

// cut ends a connection as one ends whose cable was pulled and whose peer has
// forgotten it: with a reset, and without a close frame.
func cut(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

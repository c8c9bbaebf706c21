package attack

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/ws"
)

// trial is one attack on one server.
type trial struct {
	ctx    context.Context
	o      *Options
	opened atomic.Int64
	sent   atomic.Int64 // bytes
	held   atomic.Int64 // bytes of messages without an end, which a server has to keep: judge allows it four times as much, since buffers grow in steps

	mu    sync.Mutex
	links []*link
}

// dial connects.
func (t *trial) dial() (*link, error) { return t.dialFor("http/1.1") }

func (t *trial) dialFor(protocol string) (*link, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.o.answer())
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", hostPort(t.o))
	if err != nil {
		return nil, err
	}
	t.opened.Add(1)
	l := &link{Conn: conn, t: t, tcp: conn.(*net.TCPConn)}
	t.mu.Lock()
	t.links = append(t.links, l)
	t.mu.Unlock()
	if t.o.URL.Scheme == "wss" {
		c := t.o.TLS.Clone()
		if c == nil {
			c = new(tls.Config)
		}
		if c.ServerName == "" {
			c.ServerName = t.o.URL.Hostname()
		}
		c.NextProtos = []string{protocol}
		if protocol == "h2" {
			c.NextProtos = append(c.NextProtos, "http/1.1") // a server that has only that ends it by an alert otherwise
		}
		over := tls.Client(conn, c)
		if err := over.HandshakeContext(ctx); err != nil {
			l.reset()
			return nil, err
		}
		l.Conn = over
	}
	return l, nil
}

func hostPort(o *Options) string {
	port := o.URL.Port()
	if port == "" {
		if port = "80"; o.URL.Scheme == "wss" {
			port = "443"
		}
	}
	return net.JoinHostPort(o.URL.Hostname(), port)
}

// open connects and upgrades.
func (t *trial) open(lines ...string) (*link, error) {
	l, _, err := t.openWith(t.good().with(lines...))
	return l, err
}

func (t *trial) openWith(r request) (l *link, head string, err error) {
	if l, err = t.dial(); err != nil {
		return nil, "", err
	}
	if err := l.send(r.bytes()); err != nil {
		return nil, "", err
	}
	a, err := l.answer(time.Now().Add(t.o.answer()))
	if err == nil && a.status != 101 {
		err = fmt.Errorf("the handshake was answered: %w", &ws.ResponseError{Status: a.status})
	}
	return l, a.head, err
}

// end resets whatever is left of the attack.
func (t *trial) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.links {
		l.reset()
	}
	t.links = nil
}

// soon is when a server has to have answered what was sent just now.
func (t *trial) soon() time.Time { return time.Now().Add(t.o.answer()) }

// over is when a flood that begins now ends.
func (t *trial) over() time.Time { return time.Now().Add(t.o.Duration) }

// wait waits so long, or until the run ends.
func (t *trial) wait(d time.Duration) {
	select {
	case <-t.ctx.Done():
	case <-time.After(d):
	}
}

// each runs f on all connections at once, and returns the worst finding.
func (t *trial) each(f func(i int) finding) finding {
	all := make([]finding, t.o.Connections)
	var done sync.WaitGroup
	for i := range all {
		done.Go(func() { all[i] = f(i) })
	}
	done.Wait()
	return worst(all...)
}

// eachOpen is each for connections that are upgraded.
func (t *trial) eachOpen(f func(l *link) finding) finding { return t.some(t.o.Connections, f) }

// some is eachOpen for the first n connections; nothing is done on the others.
func (t *trial) some(n int, f func(l *link) finding) finding {
	return t.each(func(i int) finding {
		if i >= n {
			return finding{verdict: Resisted}
		}
		l, err := t.open()
		if err != nil {
			return untried(err)
		}
		return f(l)
	})
}

func untried(err error) finding {
	return finding{Untried, "a connection could not be opened: " + err.Error()}
}

// oneLine cuts a text for a report.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\r\n")
	if len(s) > 80 {
		s = s[:80] + "..."
	}
	return s
}

package wspoll_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// to is a request for a path.
func to(path string) []byte { return []byte(strings.Replace(request, "/chat", path, 1)) }

func TestMaxConnsBoundsConnections(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		verdict := make(chan error)
		var asked atomic.Int64
		s := &wspoll.Server{MaxConns: 2, OnMessage: echo, OnRequest: func(r *wspoll.Request) wspoll.Decision {
			asked.Add(1)
			switch string(r.Target) {
			case "/no":
				return wspoll.Refuse(ws.RejectConnectionError(ws.RejectionStatus(404)))
			case "/later":
				return wspoll.Later(func(context.Context, *wspoll.Request) error { return <-verdict })
			case "/other":
				return wspoll.Other()
			}
			return wspoll.Accept()
		}}
		addr := serve(t, s, poller)
		ask := func(path, want string) string {
			t.Helper()
			p := dial(t, addr)
			p.send(to(path))
			return p.wantHead(want)
		}
		full := func(when string) {
			t.Helper()
			before := asked.Load()
			if head := ask("/chat", "HTTP/1.1 503 Service Unavailable\r\n"); !strings.Contains(head, "\r\nRetry-After: 5\r\n") {
				t.Errorf("%s: %q, want Retry-After", when, head)
			}
			if asked.Load() != before {
				t.Errorf("%s: OnRequest was asked", when)
			}
		}

		first := open(t, addr)
		for range 3 { // what is refused, or somebody else's, does not count
			ask("/no", "HTTP/1.1 404 ")
			ask("/other", "HTTP/1.1 426 ")
		}
		late := dial(t, addr)
		late.send(to("/later"))
		wstest.Until(t, "the request is being decided about", func() bool { return asked.Load() == 8 })
		full("while a handshake is decided about")
		verdict <- ws.RejectConnectionError(ws.RejectionStatus(403))
		late.wantHead("HTTP/1.1 403 ")
		second := open(t, addr)
		full("while both are there")

		ours, theirs := net.Pipe()
		defer theirs.Close()
		if _, err := s.Take(ours, wspoll.Upgraded{}); !errors.Is(err, wspoll.ErrTooManyConns) {
			t.Errorf("Take: %v, want ErrTooManyConns", err)
		}
		if n := s.Stats().Refused["limit"]; n != 2 {
			t.Errorf("%d handshakes were refused for the limit, want 2", n)
		}

		first.send(frame(ws.OpClose, true, "\x03\xe8"))
		first.wantClose(1000)
		first.Close()
		wstest.Until(t, "the first has ended", func() bool { return ended(s) == 1 })
		if _, err := s.Take(ours, wspoll.Upgraded{}); err != nil {
			t.Errorf("Take: %v", err)
		}
		full("after one was taken")
		second.Close()
		wstest.Until(t, "the second has ended", func() bool { return ended(s) == 2 })
		open(t, addr)
	})
}

// ended is how many connections were open, and are not any more.
func ended(s *wspoll.Server) int64 {
	n := s.Stats()
	return n.Opened - n.Open
}

// Connections that have sent no request are bounded, too, and are closed without a word.
func TestHandshakesUnderWayAreBoundedWithConnections(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		// Without a HandshakeTimeout: the first would be over before the last is there
		// where it takes long to connect so many.
		s := &wspoll.Server{MaxConns: 1, OnMessage: echo, HandshakeTimeout: -1}
		addr := serve(t, s, poller)
		const most = 1000
		wstest.Connections(t, most+2, most+2)
		waiting := make([]peer, most)
		for i := range waiting {
			waiting[i] = dial(t, addr)
			waiting[i].Conn.(*net.TCPConn).SetLinger(0) // or their ports are in TIME_WAIT for a minute
		}
		wstest.Until(t, "all of them are there", func() bool { return s.Conns() == len(waiting) })
		dial(t, addr).wantEnd()
		waiting[0].Close()
		wstest.Until(t, "one is gone", func() bool { return s.Conns() == most-1 })
		open(t, addr)
	})
}

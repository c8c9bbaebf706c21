package wspoll

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/refusal"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// ledger is what a loop has counted.
type ledger struct {
	mu    sync.Mutex
	stats wsproto.Stats // guarded by mu; without what is sent
	sent  struct{ messages, bytes, pings, pongs atomic.Int64 }
}

func (l *ledger) enter(what func(*wsproto.Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what(&l.stats)
}

// received adds what a turn has counted.
func (l *ledger) received(t *endpoint.Tally) {
	all, ok := t.Take()
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Received.Add(all.Traffic)
	if all.Close != 0 {
		l.stats.Closes.Received.Count(all.Close)
	}
}

// Stats returns what has been counted since the beginning, of all loops together. Of
// Sent, it does not tell what was compressed; of Queue, it has the messages that
// connections had dropped when they ended; and it has no RTT. The reasons in Refused
// are "origin" (a web page from elsewhere), "version" (of WebSocket), "not_websocket"
// (a request for something else, unless Others has it), "malformed" (the peer has
// broken a rule), "too_large" (a head over HeadLimits), "limit" (MaxConns), "timeout",
// "transport" (it failed, or TLS), "shutdown", and "program" (OnRequest).
func (s *Server) Stats() (all Stats) {
	for _, l := range s.allLoops() {
		l.counts.enter(func(one *wsproto.Stats) { all.Add(*one) })
		n := &l.counts.sent
		all.Sent.Add(wsproto.Traffic{Messages: n.messages.Load(), Bytes: n.bytes.Load(), Pings: n.pings.Load(), Pongs: n.pongs.Load()})
	}
	return all
}

// LongTurns returns how often a loop has worked for more than 100 milliseconds between
// two waits. All its connections wait meanwhile, so a handler that takes that long should
// run on Workers.
func (s *Server) LongTurns() int64 { return s.longTurns.Load() }

// countOpened counts a connection that has been opened.
func (l *loop) countOpened() {
	l.counts.enter(func(s *wsproto.Stats) { s.Open, s.Opened = s.Open+1, s.Opened+1 })
}

// countEnded counts one that was, and has ended.
func (c *Conn) countEnded() {
	c.mu.Lock()
	cause, queue := c.end.Cause(), c.queue
	var drops wsproto.Drops
	if queue != nil {
		drops = queue.Drops()
	}
	c.mu.Unlock()
	c.loop.counts.enter(func(s *wsproto.Stats) {
		s.Open--
		s.Ended.Count(cause.By)
		s.Queue.Dropped.Add(drops)
	})
}

// countClose counts a close frame that is sent.
func (l *loop) countClose(code ws.StatusCode) {
	l.counts.enter(func(s *wsproto.Stats) { s.Closes.Sent.Count(code) })
}

// countRefused counts a handshake that has failed for err.
func (l *loop) countRefused(err error) {
	reason := refusedFor(err)
	l.counts.enter(func(s *wsproto.Stats) {
		if s.Refused == nil {
			s.Refused = make(map[string]int64)
		}
		s.Refused[reason]++
	})
}

// refusedFor returns the reason for which a handshake has failed. A method of an error of
// the program's may panic.
func refusedFor(err error) (reason string) {
	defer func() {
		if recover() != nil {
			reason = refusal.Program
		}
	}()
	switch {
	case errors.Is(err, ErrServerClosed):
		return refusal.Shutdown
	case errors.Is(err, ErrTooManyConns):
		return refusal.Limit
	case errors.Is(err, errTransport):
		return refusal.Transport
	}
	return refusal.Reason(err)
}

// errTransport marks an error of the socket.
var errTransport = errors.New("the transport has failed")

package websocket

import (
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/wsproto"
)

// Stats is what [Counters] have counted. Its fields are those of [wsproto.Stats].
type Stats = wsproto.Stats

// Counters count what connections do: all that are given them by [AcceptOptions] and
// [DialOptions]. The zero value is ready. They are safe for concurrent use, must not
// be copied, and have about 13 KiB; each connection has about 750 bytes for them.
//
// A connection counts by itself, without atomics or locks, and adds what it has
// counted when it waits for the peer and when it has written: once for many
// messages, where many come together. So Stats may not have yet what a connection
// has received at once, as long as its program has not got to the end of that, and
// what is held back (see HoldReplies). What is dropped after Close is not counted.
//
// The reasons in Stats.Refused are "origin" (a web page from elsewhere), "version"
// (of WebSocket), "http2", "not_websocket" (a request for something else),
// "malformed" (the peer has broken a rule), "too_large" (a head over HeadLimits),
// "timeout", "transport" (it failed, or could not be made), "program" (OnHandshake or
// a CheckRedirect; options, a URL or a ResponseWriter that cannot be), for a [Server]
// also "limit" (MaxConns, MaxPerKey), "rate" (HandshakeRate) and "shutdown", and for
// [Dial] also "status" (another than 101) and "cancelled" (its context).
type Counters struct {
	seldom  ledger
	traffic [shares]traffic
	next    atomic.Uint32
}

// shares is in how many parts connections add to what they share: so many that two
// that run at the same time hardly ever add to the same.
const shares = 64

// traffic is what was counted of messages, by one connection or by several, and what
// waits in their queues now.
type traffic struct {
	mu             sync.Mutex
	received, sent wsproto.Traffic // guarded by mu
	queue          wsproto.Waiting // guarded by mu
	_              [32]byte        // nothing of another one in the same lines of the cache
}

func (t *traffic) addReceived(n wsproto.Traffic) {
	t.mu.Lock()
	t.received.Add(n)
	t.mu.Unlock()
}

func (t *traffic) addSent(n wsproto.Traffic) {
	t.mu.Lock()
	t.sent.Add(n)
	t.mu.Unlock()
}

func (t *traffic) addQueue(n wsproto.Waiting) {
	t.mu.Lock()
	t.queue.Add(n)
	t.mu.Unlock()
}

func (t *traffic) addTo(all *Stats) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all.Received.Add(t.received)
	all.Sent.Add(t.sent)
	all.Queue.Add(t.queue)
}

// ledger is what was counted of all else, which is seldom: how connections begin
// and end, and round trips.
type ledger struct {
	mu    sync.Mutex
	stats Stats // guarded by mu; without Traffic
}

func (l *ledger) enter(what func(*Stats)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what(&l.stats)
}

// Stats returns what has been counted since the beginning. It waits for no
// connection. To publish it with package expvar:
//
//	expvar.Publish("websocket", expvar.Func(func() any { return counters.Stats() }))
func (n *Counters) Stats() (all Stats) {
	n.seldom.enter(func(s *Stats) { all.Add(*s) })
	for i := range n.traffic {
		n.traffic[i].addTo(&all)
	}
	return all
}

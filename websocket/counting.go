package websocket

import (
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// counting is what a connection with Counters counts, and has counted.
type counting struct {
	in  endpoint.Tally // not added yet; guarded by the lock of the input
	out endpoint.Tally // by that of the output

	counters *Counters
	shared   *traffic // the part of counters that it adds to
	traffic  traffic  // of this connection, for Conn.Stats
	rest     ledger
}

// open counts a new connection. It returns nil for nil Counters.
func (n *Counters) open() *counting {
	if n == nil {
		return nil
	}
	k := &counting{counters: n, shared: &n.traffic[n.next.Add(1)%shares]}
	k.seldom(func(s *Stats) {
		s.Open++
		s.Opened++
	})
	return k
}

// seldom counts what does not happen with each message.
func (k *counting) seldom(what func(*Stats)) {
	k.rest.enter(what)
	k.counters.seldom.enter(what)
}

// ended counts the end of the connection.
func (k *counting) ended(by EndedBy) {
	k.seldom(func(s *Stats) {
		s.Open--
		s.Ended.Count(by)
	})
}

// addReceived adds what was received to what was counted.
func (k *counting) addReceived() {
	t, ok := k.in.Take()
	if !ok {
		return
	}
	k.traffic.addReceived(t.Traffic)
	k.shared.addReceived(t.Traffic)
	if t.Close != 0 {
		k.seldom(func(s *Stats) { s.Closes.Received.Count(t.Close) })
	}
}

// addSent adds what was sent.
func (k *counting) addSent() {
	t, ok := k.out.Take()
	if !ok {
		return
	}
	k.traffic.addSent(t.Traffic)
	k.shared.addSent(t.Traffic)
	if t.Close != 0 {
		k.seldom(func(s *Stats) { s.Closes.Sent.Count(t.Close) })
	}
}

// addQueue adds what has changed in the queue.
func (k *counting) addQueue(n wsproto.Waiting) {
	k.traffic.addQueue(n)
	k.shared.addQueue(n)
}

// Stats returns what has been counted of this connection; nothing, if it has no
// [Counters]. See there for what may be missing. Open is 1 until it has ended.
func (c *Conn) Stats() (all Stats) {
	if c.settings.counters != nil {
		k := c.counting()
		k.rest.enter(func(s *Stats) { all.Add(*s) })
		k.traffic.addTo(&all)
	}
	return all
}

// counting returns what a connection with Counters has.
func (c *Conn) counting() *counting { return c.extra.Load().counting }

// count counts what a reader has got. It needs the lock of the input.
func (c *Conn) count(ev wsproto.Event) {
	if c.settings.counters != nil {
		c.counting().in.Received(ev, &c.in.rx.Receiver)
	}
}

// countReceived adds what was received. It needs the lock of the input.
func (c *Conn) countReceived() {
	if c.settings.counters != nil {
		c.counting().addReceived()
	}
}

// countSent adds what was sent. It needs the lock of the output.
func (c *Conn) countSent() {
	if c.settings.counters != nil {
		c.counting().addSent()
	}
}

// countRTT counts a round trip.
func (c *Conn) countRTT(took time.Duration) {
	if c.settings.counters != nil {
		c.counting().seldom(func(s *Stats) { s.RTT.Measured(took) })
	}
}

// countLast adds what was received before the connection has ended. Whoever reads
// meanwhile calls it too, after giving the lock back, so nothing is missed.
func (c *Conn) countLast() {
	if c.settings.counters != nil {
		c.countIfOver()
	}
}

func (c *Conn) countIfOver() {
	if c.transport.gate.over() && c.in.lock.tryLock() {
		c.countReceived()
		c.in.lock.unlock()
	}
}

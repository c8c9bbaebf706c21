package bench

// pace is the plan of an open loop: when each message is due, whatever the
// server does. Latency is counted from then on, so that a server that stalls
// pays for all that should have been sent meanwhile; a client that waits for
// the answer before it sends the next message would leave that out
// (coordinated omission).
//
// The connections take turns: message m of connection id is number
// m*connections + id of all.
type pace struct {
	start       int64 // nanoseconds, when the first message is due
	end         int64 // nothing is due from then on
	rate        float64
	connections int
	stages      []Stage // through which the rate goes; nil: it stays
}

// after returns when the message of a number is due, after the start.
func (p *pace) after(number float64) float64 {
	if p.stages == nil {
		return number * 1e9 / p.rate
	}
	return ramp{p.rate, p.stages}.at(number)
}

// count returns how many messages are due up to a time after the start.
func (p *pace) count(t float64) float64 {
	if p.stages == nil {
		return t * p.rate / 1e9
	}
	return ramp{p.rate, p.stages}.count(t)
}

// at returns when a message of a connection is due.
func (p *pace) at(id int, message int64) int64 {
	number := message*int64(p.connections) + int64(id)
	return p.start + int64(p.after(float64(number)))
}

// due returns how many messages of a connection have been due up to now.
func (p *pace) due(id int, now int64) int64 {
	now = min(now, p.end-1)
	if now < p.start {
		return 0
	}
	n := int64(p.count(float64(now-p.start))) - int64(id)
	if n < 0 {
		n = -int64(p.connections) // none yet, but for what rounding hides
	}
	due := n/int64(p.connections) + 1
	// Rounding may be off by one; at decides.
	for p.at(id, due) <= now {
		due++
	}
	for due > 0 && p.at(id, due-1) > now {
		due--
	}
	return due
}

// turns goes through the messages of some connections in the order in which
// they are due, whether they can be sent then or not.
type turns struct {
	pace    *pace
	ids     []int // of the connections, rising
	at      int   // in ids
	message int64 // of that connection
}

// next returns the index of the connection whose turn it is at now, or for how
// long it is nobody's.
func (t *turns) next(now int64) (i int, wait int64) {
	if due := t.pace.at(t.ids[t.at], t.message); due > now {
		return 0, due - now
	}
	i = t.at
	if t.at++; t.at == len(t.ids) {
		t.at = 0
		t.message++
	}
	return i, 0
}

package wspoll

import "time"

// timers are the times at which connections want to be looked at, as a heap: one
// a connection. What a connection waits for moves often, and mostly to later. So
// a timer is not moved to later; when it rings too early, the connection says
// when to ring again.
type timers struct{ heap []timer }

type timer struct {
	at time.Duration
	c  *Conn
}

// none is the index of a connection without a timer.
const none = -1

// next returns when the first timer rings.
func (t *timers) next() (at time.Duration, ok bool) {
	if len(t.heap) == 0 {
		return 0, false
	}
	return t.heap[0].at, true
}

// set has c's timer ring at the latest at the time at.
func (t *timers) set(c *Conn, at time.Duration) {
	if c.timer == none {
		c.timer = int32(len(t.heap))
		t.heap = append(t.heap, timer{at, c})
		t.up(int(c.timer))
	} else if i := int(c.timer); at < t.heap[i].at {
		t.heap[i].at = at
		t.up(i)
	}
}

// take returns a connection whose timer rings at the time now, and removes the
// timer; nil if there is none.
func (t *timers) take(now time.Duration) *Conn {
	if len(t.heap) == 0 || t.heap[0].at > now {
		return nil
	}
	c := t.heap[0].c
	t.remove(c)
	return c
}

// remove removes c's timer, if it has one.
func (t *timers) remove(c *Conn) {
	i, last := int(c.timer), len(t.heap)-1
	if i == none {
		return
	}
	c.timer = none
	moved := t.heap[last]
	t.heap[last] = timer{}
	t.heap = t.heap[:last]
	if i == last {
		return
	}
	t.put(i, moved)
	t.up(i)
	t.down(int(moved.c.timer))
}

func (t *timers) put(i int, tm timer) {
	t.heap[i] = tm
	tm.c.timer = int32(i)
}

// up moves the i-th timer to where none rings after it that is nearer to the top.
func (t *timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent].at <= t.heap[i].at {
			return
		}
		t.swap(i, parent)
		i = parent
	}
}

func (t *timers) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if right := child + 1; right < len(t.heap) && t.heap[right].at < t.heap[child].at {
			child = right
		}
		if t.heap[i].at <= t.heap[child].at {
			return
		}
		t.swap(i, child)
		i = child
	}
}

func (t *timers) swap(i, j int) {
	a, b := t.heap[i], t.heap[j]
	t.put(i, b)
	t.put(j, a)
}

package autobahn

import (
	"slices"
	"time"
)

// timers are things to do at a time. The zero value has none.
type timers struct {
	patience int // what every wait is multiplied with; 0 stands for 1
	queue    []timer
}

type timer struct {
	at time.Time
	do func()
}

func (t *timers) after(d time.Duration, do func()) {
	t.queue = append(t.queue, timer{time.Now().Add(t.long(d)), do})
	slices.SortStableFunc(t.queue, func(a, b timer) int { return a.at.Compare(b.at) })
}

// long returns a wait as long as patience makes it.
func (t *timers) long(d time.Duration) time.Duration {
	return d * time.Duration(max(1, t.patience))
}

// wait returns how long it is to the next one.
func (t *timers) wait() time.Duration {
	if len(t.queue) == 0 {
		return time.Hour
	}
	return time.Until(t.queue[0].at)
}

// run does what is due.
func (t *timers) run() {
	for now := time.Now(); len(t.queue) > 0 && !t.queue[0].at.After(now); {
		do := t.queue[0].do
		t.queue = t.queue[1:]
		do()
	}
}

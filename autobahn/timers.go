package autobahn

import (
	"slices"
	"time"
)

// timers are things to do at a time. The zero value has none.
type timers []timer

type timer struct {
	at time.Time
	do func()
}

func (t *timers) after(d time.Duration, do func()) {
	*t = append(*t, timer{time.Now().Add(d), do})
	slices.SortStableFunc(*t, func(a, b timer) int { return a.at.Compare(b.at) })
}

// wait returns how long it is to the next one.
func (t *timers) wait() time.Duration {
	if len(*t) == 0 {
		return time.Hour
	}
	return time.Until((*t)[0].at)
}

// run does what is due.
func (t *timers) run() {
	for now := time.Now(); len(*t) > 0 && !(*t)[0].at.After(now); {
		do := (*t)[0].do
		*t = (*t)[1:]
		do()
	}
}

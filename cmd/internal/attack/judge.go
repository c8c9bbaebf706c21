package attack

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// What an attack may cost a process before it counts as weak, whatever it has
// answered. The bounds are far above what a server needs, so that no collector of
// garbage and no busy machine makes the verdict.
const (
	spareMemory      = 160 << 20 // resident, and four times what it has to hold
	spareData        = 4 << 30   // that nobody has touched
	spareDescriptors = 8         // with those of the canary, and what a runtime opens by the way
	spareThreads     = 64

	canaryDescriptors = 2
)

// judge adds to a finding what others have seen, and what the process has spent.
func (t *trial) judge(f finding, others Others, spent *Spent) finding {
	all := []finding{f}
	if f.verdict == NotOffered && len(others.Failures) == 0 {
		return f
	}
	if len(others.Failures) > 0 {
		all = append(all, finding{Weak, "others were not served: " + others.Failures[0]})
	}
	if others.Longest > t.o.canary() {
		all = append(all, finding{Weak, fmt.Sprintf("others waited up to %.1f s", others.Longest.Seconds())})
	}
	if spent != nil {
		all = append(all, t.judgeSpent(*spent)...)
	}
	var words []string
	w := worst(all...)
	for _, one := range all {
		if one.verdict == w.verdict && one.seen != "" {
			words = append(words, one.seen)
		}
	}
	return finding{w.verdict, strings.Join(words, "; ")}
}

func (t *trial) judgeSpent(s Spent) (all []finding) {
	weak := func(form string, args ...any) { all = append(all, finding{Weak, fmt.Sprintf(form, args...)}) }
	if grown, may := s.During.Resident-s.Before.Resident, spareMemory+4*t.held.Load(); grown > may {
		weak("memory grew by %d MiB, %d at most are needed", grown>>20, may>>20)
	}
	if grown := s.During.Data - s.Before.Data; grown > spareData {
		weak("it allocated %d MiB that it did not use", grown>>20)
	}
	if s.After.Descriptors > s.Before.Descriptors+spareDescriptors {
		weak("%d descriptors are open after the attack, and %d were before", s.After.Descriptors, s.Before.Descriptors)
	}
	if s.During.Threads > s.Before.Threads+spareThreads {
		weak("it had %d threads, and %d before", s.During.Threads, s.Before.Threads)
	}
	return all
}

// settleTime is how long a server may hold a connection after its reset: it may
// still have what came before, and look for a close frame in that.
func (o *Options) settleTime() time.Duration { return cmp.Or(o.settle, 2*o.answer()) }

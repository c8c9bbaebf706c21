package endpoint

import "time"

// Bucket bounds how often something happens over time: a token bucket. It is full
// in the beginning, and fills at a rate of tokens a second. How many it holds is
// told as the time that they take to come. Time is an argument, as everywhere here.
// The zero value is ready.
type Bucket struct {
	full time.Duration // when it will be, or has been, if used
	used bool
}

// Take takes n tokens, also those that are not there yet. It returns how long it is
// until they have come: 0 if they were there.
func (b *Bucket) Take(n, rate float64, burst, now time.Duration) (wait time.Duration) {
	missing := b.missing(n, rate, now)
	b.full, b.used = now+missing, true
	return max(missing-burst, 0)
}

// TryTake is Take if they are there, and takes none otherwise.
func (b *Bucket) TryTake(n, rate float64, burst, now time.Duration) (wait time.Duration) {
	if wait = max(b.missing(n, rate, now)-burst, 0); wait == 0 {
		b.Take(n, rate, burst, now)
	}
	return wait
}

// missing returns how long the bucket will take to be full after n tokens more were
// taken.
func (b *Bucket) missing(n, rate float64, now time.Duration) time.Duration {
	d := n / rate * second
	if b.used {
		d += float64(max(b.full-now, 0))
	}
	return time.Duration(min(d, century))
}

const second = 1e9 // of a time.Duration

// century is as good as never, and can be added to any time without overflow.
const century = 100 * 365 * 24 * 3600 * second

package wsproto

import "time"

// RTT counts round trips: from a ping to its pong. In JSON, times are in
// nanoseconds.
type RTT struct {
	// Count is how many were measured, and Sum how long they took together.
	Count int64         `json:"count"`
	Sum   time.Duration `json:"sum_ns"`
	// Last, Min and Max are the last one, the shortest and the longest.
	Last time.Duration `json:"last_ns"`
	Min  time.Duration `json:"min_ns"`
	Max  time.Duration `json:"max_ns"`
	// Buckets say how long they took; nil if Count is 0.
	Buckets []RTTBucket `json:"buckets"`
}

// RTTBucket is how many round trips took at most so long, those of shorter
// buckets among them.
type RTTBucket struct {
	AtMost time.Duration `json:"at_most_ns"`
	Count  int64         `json:"count"`
}

// rttBounds are the bounds of the buckets: from a network of one room to one that
// hardly works. Whatever took longer is in no bucket.
var rttBounds = [...]time.Duration{
	100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	1 * time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	1 * time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// Measured counts a round trip that took d.
func (r *RTT) Measured(d time.Duration) {
	r.begin()
	for i := range r.Buckets {
		if d <= r.Buckets[i].AtMost {
			r.Buckets[i].Count++
		}
	}
	if r.Count == 0 || d < r.Min {
		r.Min = d
	}
	r.Count++
	r.Sum += d
	r.Last, r.Max = d, max(r.Max, d)
}

// Add adds what o has counted to r. The last one is o's, if o has any.
func (r *RTT) Add(o RTT) {
	if o.Count == 0 {
		return
	}
	r.begin()
	for i, b := range o.Buckets {
		r.Buckets[i].Count += b.Count
	}
	if r.Count == 0 || o.Min < r.Min {
		r.Min = o.Min
	}
	r.Count += o.Count
	r.Sum += o.Sum
	r.Last, r.Max = o.Last, max(r.Max, o.Max)
}

func (r *RTT) begin() {
	if r.Buckets != nil {
		return
	}
	r.Buckets = make([]RTTBucket, len(rttBounds))
	for i, bound := range rttBounds {
		r.Buckets[i].AtMost = bound
	}
}

// Mean returns how long they took on average, or 0 if none was measured.
func (r RTT) Mean() time.Duration {
	if r.Count == 0 {
		return 0
	}
	return r.Sum / time.Duration(r.Count)
}

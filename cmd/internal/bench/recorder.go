package bench

import (
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histograms tell apart what differs by a thousandth, from a nanosecond to
// ten minutes; what takes longer is counted as that.
const (
	longest = 10 * 60 * 1e9
	digits  = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, digits) }

func record(h *hdrhistogram.Histogram, v int64) {
	h.RecordValue(min(max(v, 0), longest)) // which is its range
}

// recorder counts and times the answers that one loop gets, until somebody
// collects them.
type recorder struct {
	mu       sync.Mutex
	from, to int64 // messages that were begun in [from, to) are timed
	latency  *hdrhistogram.Histogram
	lateness *hdrhistogram.Histogram // of the load generator, compared with its own pace
	total    int64                   // answers, all of them
	parts    []part                  // the stages of the window, if it has any
}

func newRecorder() *recorder {
	return &recorder{latency: newHistogram(), lateness: newHistogram()}
}

func (r *recorder) lock()   { r.mu.Lock() }
func (r *recorder) unlock() { r.mu.Unlock() }

// window sets which messages are timed, and the stages of that time.
func (r *recorder) window(from, to int64, stages []Stage) {
	r.lock()
	defer r.unlock()
	r.from, r.to, r.parts = from, to, newParts(stages, from)
}

// answer counts an answer that came at now. The recorder has to be locked.
func (r *recorder) answer(begun, now int64) {
	r.total++
	if r.from <= begun && begun < r.to {
		record(r.latency, now-begun)
		for _, p := range r.parts {
			if begun < p.until {
				record(p.latency, now-begun)
				break
			}
		}
	}
}

// late counts how long after it was due a message leaves.
func (r *recorder) late(due, now int64) {
	r.lock()
	defer r.unlock()
	if r.from <= due && due < r.to {
		record(r.lateness, now-due)
	}
}

// collect moves what was timed since the last time to the two histograms, and
// returns the number of answers since the beginning.
func (r *recorder) collect(latency, lateness *hdrhistogram.Histogram) int64 {
	r.lock()
	defer r.unlock()
	latency.Merge(r.latency)
	r.latency.Reset()
	lateness.Merge(r.lateness)
	r.lateness.Reset()
	return r.total
}

package wspoll

import "sync"

// pool runs jobs on a bounded number of goroutines, in the order in which they were
// submitted. A goroutine ends when nothing waits.
type pool struct {
	most int

	mu      sync.Mutex
	running int
	waiting []job
	all     sync.WaitGroup
}

type job interface{ run() }

// submit has j run, soon or when one of those that run is done. It does not wait.
// Those that wait are bounded by the caller, by submitting nothing twice.
func (p *pool) submit(j job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == p.most {
		p.waiting = append(p.waiting, j)
		return
	}
	p.running++
	p.all.Go(func() { p.work(j) })
}

func (p *pool) work(j job) {
	for j != nil {
		j.run()
		j = p.next()
	}
}

// next returns the job that has waited for longest; nil ends the goroutine.
func (p *pool) next() job {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.waiting = nil
		p.running--
		return nil
	}
	j := p.waiting[0]
	p.waiting[0] = nil
	p.waiting = p.waiting[1:]
	return j
}

// wait waits until nothing runs and nothing waits.
func (p *pool) wait() { p.all.Wait() }

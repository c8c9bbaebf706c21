package attack

import (
	"os"
	"sync"
	"time"

	"github.com/wirews/wirews/cmd/internal/process"
)

// State is what a process held at a time, sizes in bytes.
type State struct {
	Resident    int64 `json:"resident_bytes"`
	Data        int64 `json:"data_bytes"` // what it could write to, touched or not
	Descriptors int   `json:"descriptors"`
	Threads     int   `json:"threads"`
}

// Spent is what an attack has made the server's process spend.
type Spent struct {
	Before State         `json:"before"`
	During State         `json:"during"` // the most of each
	After  State         `json:"after"`
	CPU    time.Duration `json:"cpu_ns"`
	OurCPU time.Duration `json:"attacker_cpu_ns"`
}

// watch looks at a process while it is attacked.
type watch struct {
	pid  int
	stop chan struct{}
	done sync.WaitGroup

	spent Spent
	begin int64 // CPU time
	ours  int64
}

func stateOf(pid int) (s State, err error) {
	m, err := process.MemoryOf(pid)
	if err != nil {
		return s, err
	}
	h, err := process.HandlesOf(pid)
	return State{m.Resident, m.Data, h.Descriptors, h.Threads}, err
}

func (s State) most(o State) State {
	return State{max(s.Resident, o.Resident), max(s.Data, o.Data), max(s.Descriptors, o.Descriptors), max(s.Threads, o.Threads)}
}

// watchStep is how often a process is looked at.
const watchStep = 20 * time.Millisecond

// startWatch begins to look at a process; nil if there is none.
func startWatch(pid int) (*watch, error) {
	if pid == 0 {
		return nil, nil
	}
	w := &watch{pid: pid, stop: make(chan struct{})}
	before, err := stateOf(pid)
	if err != nil {
		return nil, err
	}
	w.spent.Before, w.spent.During = before, before
	u, err := process.UsageOf(pid)
	w.begin = u.CPU
	w.ours = ownCPU()
	w.done.Go(func() {
		for {
			if s, err := stateOf(pid); err == nil {
				w.spent.During = w.spent.During.most(s)
			}
			select {
			case <-w.stop:
				return
			case <-time.After(watchStep):
			}
		}
	})
	return w, err
}

// end stops looking, once the process holds no more descriptors than before, but
// for the canary's, or the time is over. It returns nil if there is nothing to tell.
func (w *watch) end(settle time.Duration) (*Spent, error) {
	if w == nil {
		return nil, nil
	}
	u, err := process.UsageOf(w.pid)
	w.spent.CPU = time.Duration(u.CPU - w.begin)
	w.spent.OurCPU = time.Duration(ownCPU() - w.ours)
	for until := time.Now().Add(settle); err == nil; time.Sleep(watchStep) {
		w.spent.After, err = stateOf(w.pid)
		if w.spent.After.Descriptors <= w.spent.Before.Descriptors+canaryDescriptors || time.Now().After(until) {
			break
		}
	}
	close(w.stop)
	w.done.Wait()
	return &w.spent, err
}

// ownCPU is the CPU time of this process, in nanoseconds; 0 if it is not known.
func ownCPU() int64 {
	u, _ := process.UsageOf(os.Getpid())
	return u.CPU
}

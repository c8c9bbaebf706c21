package websocket

import (
	"context"
	"hash/maphash"
	"sync"
)

// alarm is the registration of a context with context.AfterFunc. Whatever waits
// for the same context shares it: with one context for all of a server's
// connections, which is usual, it costs them next to nothing. Contexts with the
// same Done channel are the same to it, and it keeps the first of them, with its
// values, as long as anything waits for any. If the first is of a kind whose
// registration takes its time, the others have to wait for that too.
type alarm struct {
	desk  *alarmDesk
	done  <-chan struct{} // what contexts are told apart by
	ring  func()          // calls all watches, made once
	stop  func() bool     // ends the registration; nil until that is made
	first *watch          // of the list of those that share it
	rung  bool
}

// alarmDesk keeps alarms, and guards what they consist of. Nothing of a
// context's is called while it is locked: that may need a lock which somebody
// holds who is about to wait for this one.
type alarmDesk struct {
	mu     sync.Mutex
	alarms map[<-chan struct{}]*alarm
	_      [48]byte // the next one has a cache line of its own
}

var (
	alarmDesks [16]alarmDesk
	alarmSeed  = maphash.MakeSeed()
	spare      = sync.Pool{New: func() any {
		a := new(alarm)
		a.ring = a.call
		return a
	}}
)

// joinAlarm has w.ended called when ctx ends, whose Done channel is done. It may
// be called late, after w has left.
func joinAlarm(w *watch, ctx context.Context, done <-chan struct{}) *alarm {
	d := &alarmDesks[maphash.Comparable(alarmSeed, done)%uint64(len(alarmDesks))]
	d.mu.Lock()
	a, shared := d.alarms[done]
	if !shared {
		a = d.set(done)
	}
	a.link(w)
	d.mu.Unlock()
	if !shared {
		a.register(ctx)
	}
	return a
}

// set makes an alarm. The desk is locked.
func (d *alarmDesk) set(done <-chan struct{}) *alarm {
	a := spare.Get().(*alarm)
	a.desk, a.done = d, done
	if d.alarms == nil {
		d.alarms = make(map[<-chan struct{}]*alarm)
	}
	d.alarms[done] = a
	return a
}

func (a *alarm) register(ctx context.Context) {
	stop := context.AfterFunc(ctx, a.ring)
	a.desk.mu.Lock()
	needed := a.first != nil
	if needed {
		a.stop = stop
	}
	a.desk.mu.Unlock()
	if !needed { // all have left meanwhile, or it has rung
		a.discard(stop)
	}
}

// leave is the opposite of joinAlarm. The last to leave ends the registration.
func (a *alarm) leave(w *watch) {
	a.desk.mu.Lock()
	var stop func() bool
	if !a.rung {
		a.unlink(w)
		if a.first == nil {
			delete(a.desk.alarms, a.done)
			stop = a.stop
		}
	}
	a.desk.mu.Unlock()
	if stop != nil {
		a.discard(stop)
	}
}

// discard ends the registration of an alarm that nobody shares any more. One
// that is ringing meanwhile must not become another one.
func (a *alarm) discard(stop func() bool) {
	if stop() {
		a.desk, a.done, a.stop = nil, nil, nil
		spare.Put(a)
	}
}

// call is called in a goroutine of its own when the context has ended.
func (a *alarm) call() {
	for _, w := range a.callees() {
		if w.c.raw != nil {
			w.ended()
		} else {
			go w.ended() // a net.Conn of somebody else's may take its time
		}
	}
}

// callees empties the alarm and returns who shared it.
func (a *alarm) callees() (all []*watch) {
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	a.rung = true
	for a.first != nil {
		all = append(all, a.first)
		a.unlink(a.first)
	}
	if a.desk.alarms[a.done] == a {
		delete(a.desk.alarms, a.done)
	}
	return all
}

func (a *alarm) link(w *watch) {
	if w.next = a.first; w.next != nil {
		w.next.prev = w
	}
	a.first = w
}

func (a *alarm) unlink(w *watch) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		a.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
}

package connpool

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Conn is a connection with room for streams. Its methods may be called while the
// Pool is locked, and so must not call the Pool's.
type Conn interface {
	comparable
	// Reserve makes sure that a stream may be begun, and reports whether one may.
	Reserve() bool
	// Release gives a reservation back.
	Release()
	// Full ends a new connection on which nothing could be reserved, and says why.
	Full() error
	// Ended reports whether the connection has ended.
	Ended() bool
}

// Pool keeps the connections to the places K. The zero value is ready. Its methods may
// be called by several goroutines at once.
type Pool[K comparable, C Conn] struct {
	mu    sync.Mutex
	conns map[K][]C
	dials map[K]*dial
}

// dial is a connection that is being made, for all that wait for it.
type dial struct {
	done    chan struct{} // closed when err is set, or the connection is there
	err     error
	waiting int                // guarded by Pool.mu
	cancel  context.CancelFunc // for when nobody waits any more
}

// Get returns a connection to key with a reservation on it: one that is there (reused),
// or one that connect makes. The context of connect has the values of ctx, and ends
// after timeout, or when nobody waits for the connection any more.
func (p *Pool[K, C]) Get(ctx context.Context, key K, timeout time.Duration, connect func(ctx context.Context) (C, error)) (c C, reused bool, err error) {
	var none C
	for {
		if err := ctx.Err(); err != nil {
			return none, false, err
		}
		p.mu.Lock()
		if c, ok := p.reserve(key); ok {
			p.mu.Unlock()
			return c, true, nil
		}
		d, own := p.dials[key], (chan C)(nil)
		if d == nil {
			own = make(chan C, 1)
			d = p.begin(ctx, key, timeout, connect, own)
		}
		d.waiting++
		p.mu.Unlock()
		select {
		case <-d.done:
			p.leave(d)
		case <-ctx.Done():
			p.leave(d)
			go giveBack(own)
			return none, false, ctx.Err()
		}
		switch {
		case d.err != nil && (own != nil || !errors.Is(d.err, context.Canceled)):
			return none, false, d.err
		case own != nil:
			return <-own, false, nil
		}
	}
}

// giveBack releases the reservation of a caller that does not want it any more. A nil
// channel stands for one that has none.
func giveBack[C Conn](own chan C) {
	if own == nil {
		return
	}
	if c, ok := <-own; ok {
		c.Release()
	}
}

// reserve returns a connection that is there.
func (p *Pool[K, C]) reserve(key K) (c C, ok bool) {
	for _, c := range p.conns[key] {
		if c.Reserve() {
			return c, true
		}
	}
	return c, false
}

// begin begins to make a connection. own gets it with a reservation, or is closed.
func (p *Pool[K, C]) begin(ctx context.Context, key K, timeout time.Duration, connect func(ctx context.Context) (C, error), own chan<- C) *dial {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	d := &dial{done: make(chan struct{}), cancel: cancel}
	if p.dials == nil {
		p.dials, p.conns = make(map[K]*dial), make(map[K][]C)
	}
	p.dials[key] = d
	go func() {
		defer cancel()
		c, err := connect(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.dials, key)
		if err == nil && !c.Reserve() {
			err = c.Full()
		}
		if d.err = err; err == nil {
			p.conns[key] = append(p.conns[key], c)
			if c.Ended() {
				p.drop(key, c)
			}
			own <- c
		}
		close(own)
		close(d.done)
	}()
	return d
}

// leave is called by those who do not wait any more.
func (p *Pool[K, C]) leave(d *dial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.waiting--; d.waiting == 0 {
		d.cancel()
	}
}

// Forget removes a connection that has ended. It may be called before the Pool has it.
func (p *Pool[K, C]) Forget(key K, c C) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(key, c)
}

func (p *Pool[K, C]) drop(key K, c C) {
	conns := p.conns[key]
	if i := slices.Index(conns, c); i >= 0 {
		if conns = slices.Delete(conns, i, i+1); len(conns) > 0 {
			p.conns[key] = conns
		} else {
			delete(p.conns, key)
		}
	}
}

// All returns the connections that are there.
func (p *Pool[K, C]) All() (all []C) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conns := range p.conns {
		all = append(all, conns...)
	}
	return all
}

package attack

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// canary is one of the others, who want to be served while the server is attacked:
// on a connection of its own it sends a message and waits for its echo, again and
// again, and now and then it opens a new one.
type canary struct {
	t *trial // its connections are no part of an attack

	mu     sync.Mutex
	others Others
	now    time.Time // when what is under way has begun; zero: nothing is
	ends   int       // of what was under way
}

// Others is how others were served. Times are nanoseconds.
type Others struct {
	Echoes   int           `json:"echoes"`
	Longest  time.Duration `json:"longest_ns"`
	Mean     time.Duration `json:"mean_ns"`
	Failures []string      `json:"failures,omitempty"`
	sum      time.Duration
}

const (
	canaryPause  = 10 * time.Millisecond
	canaryEchoes = 20 // on one connection, after which another one is opened
	maxFailures  = 3  // that are told
)

// startCanary starts one, which has to be served once before anything is attacked.
func startCanary(ctx context.Context, o *Options) (*canary, error) {
	c := &canary{t: &trial{ctx: ctx, o: o}}
	l, err := c.t.open()
	if err == nil {
		err = c.echo(l)
	}
	c.t.end()
	return c, err
}

// run goes on until the context is done.
func (c *canary) run(ctx context.Context) {
	for ctx.Err() == nil {
		c.begin()
		l, err := c.t.open()
		c.done(err)
		for i := 0; err == nil && i < canaryEchoes && ctx.Err() == nil; i++ {
			c.t.wait(canaryPause)
			c.begin()
			err = c.echo(l)
			c.done(err)
		}
		if l != nil {
			c.t.forget(l)
		}
		c.t.wait(canaryPause)
	}
}

func (c *canary) echo(l *link) error {
	if err := l.send(appendFrame(nil, final|text, []byte("canary"))); err != nil {
		return err
	}
	for until := time.Now().Add(2 * c.t.o.canary()); ; {
		f, err := l.frame(until)
		switch {
		case err != nil:
			return fmt.Errorf("no echo: %w", err)
		case f.first == final|text && string(f.payload) == "canary":
			return nil
		case f.first&15 < 8:
			return fmt.Errorf("another message than was sent: %x %q", f.first, oneLine(string(f.payload)))
		}
	}
}

func (c *canary) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Now()
}

func (c *canary) done(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	took := time.Since(c.now)
	c.now = time.Time{}
	c.ends++
	if err == nil {
		c.others.Echoes++
		c.others.sum += took
		c.others.Longest = max(c.others.Longest, took)
	} else if c.t.ctx.Err() == nil && len(c.others.Failures) < maxFailures {
		c.others.Failures = append(c.others.Failures, err.Error())
	}
}

// take returns what has happened since it was called last, with what is under
// way.
func (c *canary) take() Others {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.others
	if !c.now.IsZero() {
		o.Longest = max(o.Longest, time.Since(c.now))
		c.now = time.Now()
	}
	if o.Echoes > 0 {
		o.Mean = o.sum / time.Duration(o.Echoes)
	}
	c.others = Others{}
	return o
}

// recovered waits until others are served as before, or for so long: what one attack
// has left behind is not the next one's.
func (c *canary) recovered(most time.Duration) {
	for until := time.Now().Add(most); time.Now().Before(until) && c.t.ctx.Err() == nil; {
		c.take()
		if o := c.served(); len(o.Failures) == 0 && o.Longest < c.t.o.canary()/8 {
			return
		}
	}
}

// served returns the same, once somebody who came after it was called was served, or was
// not: whoever was there before may still have his echo of a server that is falling.
func (c *canary) served() Others {
	last := c.next()
	for until := time.Now().Add(4 * c.t.o.canary()); c.ended() < last && time.Now().Before(until) && c.t.ctx.Err() == nil; {
		time.Sleep(canaryPause)
	}
	return c.take()
}

// next returns what ended will be when that has ended which begins next.
func (c *canary) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		return c.ends + 1
	}
	return c.ends + 2
}

func (c *canary) ended() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ends
}

package attack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/cmd/internal/process"
)

// Result is the outcome of one attack. Its JSON is a part of what --json prints.
type Result struct {
	Attack      string        `json:"attack"`
	Does        string        `json:"does"`
	Wants       string        `json:"wants"`
	RFC         string        `json:"rfc"`
	Verdict     Verdict       `json:"verdict"`
	Seen        string        `json:"seen"`
	Took        time.Duration `json:"took_ns"`
	Connections int64         `json:"connections"`
	Sent        int64         `json:"sent_bytes"`
	Others      Others        `json:"others"`
	Server      *Spent        `json:"server,omitempty"` // nil: no process was given
}

// Report is the outcome of a run. Its JSON is what --json prints.
type Report struct {
	URL     string            `json:"url"`
	Version string            `json:"version,omitempty"`
	Begun   time.Time         `json:"begun"`
	Counts  map[Verdict]int   `json:"counts"`
	Results []*Result         `json:"results"`
	Setup   map[string]string `json:"setup"`
}

// ErrWeak is what the errors of Run wrap if the server was weak.
var ErrWeak = exit.With(exit.Unfit, errors.New("attack: the server was weak"))

// Run attacks the server, one attack after the other. What is wrong before that is
// an error without a Report.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	chosen, err := Select(o.Only)
	if err != nil {
		return nil, err
	}
	process.RaiseLimit()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := startCanary(ctx, &o)
	if err != nil {
		if ctx.Err() != nil {
			return nil, exit.ErrInterrupted
		}
		return nil, exit.With(exit.Of(connect.DialOutcome(err)), fmt.Errorf("attack: the server does not echo before anything is done to it: %w", err))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(ctx)
	}()
	defer func() { <-done }()
	defer cancel()
	r := &Report{URL: plain.URL(o.URL), Begun: time.Now().UTC().Truncate(time.Second), Counts: make(map[Verdict]int), Setup: o.setup()}
	for _, a := range chosen {
		if ctx.Err() != nil {
			return r, fmt.Errorf("%w after %d of %d attacks", exit.ErrInterrupted, len(r.Results), len(chosen))
		}
		result, err := one(ctx, &o, a, c)
		if ctx.Err() != nil { // half an attack gives no verdict
			return r, fmt.Errorf("%w after %d of %d attacks", exit.ErrInterrupted, len(r.Results), len(chosen))
		}
		if err != nil {
			return r, err
		}
		r.Results = append(r.Results, result)
		r.Counts[result.Verdict]++
		if o.Each != nil {
			o.Each(result)
		}
	}
	if n := r.Counts[Weak]; n > 0 {
		return r, fmt.Errorf("%w against %d of %d attacks", ErrWeak, n, len(r.Results))
	}
	return r, nil
}

func (o *Options) setup() map[string]string {
	return map[string]string{
		"duration": o.Duration.String(), "connections": fmt.Sprint(o.Connections), "handshake": o.Handshake.String(),
		"answer": o.answer().String(), "others": o.canary().String(),
	}
}

// one makes one attack.
func one(ctx context.Context, o *Options, a *Attack, c *canary) (*Result, error) {
	t := &trial{ctx: ctx, o: o}
	c.recovered(5 * o.answer())
	w, err := startWatch(o.PID)
	if err != nil {
		return nil, fmt.Errorf("attack: process %d: %w", o.PID, err)
	}
	c.take()
	start := time.Now()
	defer context.AfterFunc(ctx, t.end)() // nothing is waited for any more
	f := a.run(t)
	t.end()
	// The first that is served after the attack tells whether the server is left.
	others := c.served()
	took := time.Since(start)
	spent, err := w.end(o.settleTime())
	if err != nil {
		f = worst(f, finding{Weak, "the process is gone"})
	}
	f = t.judge(f, others, spent)
	return &Result{
		Attack: a.Name, Does: a.Does, Wants: a.Wants, RFC: a.RFC, Verdict: f.verdict, Seen: f.seen, Took: took,
		Connections: t.opened.Load(), Sent: t.sent.Load(), Others: others, Server: spent,
	}, nil
}

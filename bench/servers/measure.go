package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// measured is what one measurement has come to: some of what "wirews bench"
// prints, and what the server says about its memory.
type measured struct {
	Messages int64   `json:"messages"`
	Rate     float64 `json:"messages_per_second"`
	Server   struct {
		CPU           float64 `json:"cpu_ns_per_message"`
		CPUs          float64 `json:"cpus"`
		PerConnection float64 `json:"resident_bytes_per_connection_after_message"`
	} `json:"server"`
	Client struct {
		CPU float64 `json:"cpu_ns_per_message"`
	} `json:"client"`
	Latency struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	} `json:"latency_ns"`
	Others   float64 `json:"others_cpus"` // processors that other processes kept busy
	Failures struct {
		Examples []string `json:"examples,omitempty"`
	} `json:"failures,omitzero"`
	Heap struct { // for a connection that is idle
		Bytes      float64 `json:"bytes"`
		Stacks     float64 `json:"stacks"`
		Goroutines float64 `json:"goroutines"`
	} `json:"heap,omitzero"`
}

// starved reports whether the server has hardly run, because others had the
// processor: that says nothing.
func (m measured) starved(c cell) bool {
	return c.mode != idling && (m.Server.CPUs < 0.1 || m.Messages < 20)
}

var errStarved = errors.New("others had the processor, in five attempts")

// loader loads servers with "wirews bench".
type loader struct {
	wirews   string // the program
	duration time.Duration
}

// measure measures a server that it starts for it; a few times if it is starved.
func (l loader) measure(ctx context.Context, s server, c cell) (m measured, err error) {
	for range 5 {
		if m, err = l.once(ctx, s, c); err != nil || !m.starved(c) {
			return m, err
		}
	}
	return m, errStarved
}

func (l loader) once(ctx context.Context, s server, c cell) (m measured, err error) {
	p, err := start(s.name, c.serverCPU, c.secure)
	if err != nil {
		return m, err
	}
	defer p.stop()
	before, err := p.heap()
	if err != nil {
		return m, err
	}
	var idle chan heap
	if c.mode == idling {
		// In the middle of holding the connections.
		idle = make(chan heap, 1)
		time.AfterFunc(c.warmup+c.duration(l.duration)-500*time.Millisecond, func() {
			h, _ := p.heap()
			idle <- h
		})
	}
	if m, err = l.load(ctx, s, c, p); err == nil && idle != nil {
		h, n := <-idle, float64(c.connections)
		m.Heap.Bytes = (float64(h.InUse) - float64(before.InUse)) / n
		m.Heap.Stacks = (float64(h.Stacks) - float64(before.Stacks)) / n
		m.Heap.Goroutines = float64(h.Goroutines-before.Goroutines) / n
	}
	return m, err
}

// load runs the load generator.
func (l loader) load(ctx context.Context, s server, c cell, p *process) (m measured, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.most(l.duration))
	defer cancel()
	scheme := "ws"
	if c.secure {
		scheme = "wss"
	}
	args := []string{
		l.wirews, "bench", scheme + "://" + p.addr + "/", "--insecure", "--json", "--mode", string(c.mode), "--loops", "1", "--connections", strconv.Itoa(c.connections),
		"--pid", strconv.Itoa(p.cmd.Process.Pid), "--duration", c.duration(l.duration).String(), "--warmup", c.warmup.String(),
	}
	if s.raw {
		args = append(args, "--raw")
	}
	cmd := pinned(c.clientCPU, append(args, c.args...)...)
	defer context.AfterFunc(ctx, func() { cmd.Process.Kill() })()
	text, err := cmd.Output()
	if ctx.Err() != nil {
		return m, fmt.Errorf("it did not end within %v: %w", c.most(l.duration), ctx.Err())
	}
	if e := json.Unmarshal(text, &m); e != nil {
		return m, errors.Join(fmt.Errorf("the load generator: %w", e), err)
	}
	if len(m.Failures.Examples) > 0 {
		return m, errors.New(m.Failures.Examples[0])
	}
	return m, err
}

package websocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// Ping sends a ping and waits for its pong. It does not read by itself: Serve, Read,
// Reader or CloseRead has to, in another goroutine. If nobody has read when ctx
// ends, errors.Is finds [ErrNobodyReads] in the error, besides that of ctx. A [Handler]
// must not call it, because the connection reads on only when that has returned. A web
// page cannot ping, and the error is errors.ErrUnsupported then.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.PingRTT(ctx)
	return err
}

// PingRTT is Ping, and returns how long it took.
func (c *Conn) PingRTT(ctx context.Context) (time.Duration, error) {
	reads := c.in.reads.Load()
	id, pong := c.extras().pings.begin()
	defer c.extras().pings.end(id)
	start := time.Now()
	var b [20]byte
	if err := c.sendPing(ctx, strconv.AppendUint(b[:0], id, 10)); err != nil {
		return 0, errorf("ping", err)
	}
	select {
	case <-pong:
		return time.Since(start), nil
	case <-c.end.done():
		return 0, errorf("ping", c.end.err())
	case <-ctx.Done():
	}
	err := ctx.Err()
	if c.in.reads.Load() == reads && c.in.lock.tryLock() {
		c.in.lock.unlock()
		err = fmt.Errorf("%w: %w", ErrNobodyReads, err)
	}
	return 0, errorf("ping", err)
}

// SendPing sends a ping with a payload of at most 125 bytes, and does not wait for
// its pong: OnPongReceived of the options is shown that, with the same payload. It
// returns when the kernel has taken the ping, as Write does, and so fits into the
// loop of a goroutine that writes. To have silent peers pinged, and found gone, set
// KeepAlive of the options instead. Payloads of decimal digits alone are those of Ping.
func (c *Conn) SendPing(ctx context.Context, payload []byte) error {
	if err := c.sendPing(ctx, payload); err != nil {
		return errorf("ping", err)
	}
	return nil
}

// RTT returns how long the last ping of Ping, PingRTT or [KeepAlive] took to be
// answered, and zero if none has been.
func (c *Conn) RTT() time.Duration {
	if e := c.extra.Load(); e != nil {
		return time.Duration(e.pings.rtt.Load())
	}
	return 0
}

// ErrNobodyReads says that a Ping could not see its pong.
var ErrNobodyReads = errors.New("nobody has read while the pong was waited for; call Serve, CloseRead, or Read in another goroutine")

func (c *Conn) sendPing(ctx context.Context, payload []byte) error {
	if err := c.transport.checkPing(); err != nil {
		return err
	}
	if err := c.lockOutput(ctx); err != nil {
		return err
	}
	defer c.unlockOutput()
	box := &c.out.box
	before := box.Len()
	if err := box.Ping(payload); err != nil {
		return c.notSent(err)
	}
	return c.flush(sending{way: waiting, ctx: ctx, message: endpoint.Unsent{Before: before}})
}

// answerPing appends a pong. It leaves when what was received has been handled.
func (c *Conn) answerPing(ev wsproto.Event) {
	if !c.lockOutputSoon(&ev) {
		return
	}
	switch {
	case c.unsent() != nil:
	case c.out.inDebt.Load():
		c.out.owe(&ev) // instead of the answer to a ping before it, which must not come after
	default:
		c.out.box.Answer(ev, nil, now())
		if !c.out.late.Load() {
			c.flushLate()
		}
	}
	c.unlockOutput()
}

// pings are those that wait for their pong.
type pings struct {
	mu      sync.Mutex
	last    uint64
	waiting []waitingPing
	rtt     atomic.Int64 // a time.Duration: of the last one that was answered
}

type waitingPing struct {
	id    uint64
	begun time.Duration
	pong  chan struct{}
}

func (p *pings) begin() (id uint64, pong chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	pong = make(chan struct{})
	p.waiting = append(p.waiting, waitingPing{p.last, now(), pong})
	return p.last, pong
}

func (p *pings) end(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(w waitingPing) bool { return w.id == id })
	if len(p.waiting) == 0 {
		p.waiting = nil
	}
}

// answered is called for each pong, and returns how long that has taken; ok is false
// if no ping waits for it. RFC 6455, 5.5.3: a peer may answer the most recent ping
// only, which then answers for those before it.
func (p *pings) answered(payload []byte) (rtt time.Duration, ok bool) {
	id, ours := parsePingID(payload)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ours || id > p.last {
		return 0, false
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(w waitingPing) bool {
		if w.id <= id {
			rtt, ok = now()-w.begun, true // they stand in their order: that of the most recent one stays
			p.rtt.Store(int64(rtt))
			close(w.pong)
		}
		return w.id <= id
	})
	return rtt, ok
}

// parsePingID is strconv.ParseUint, which makes an error of what is no number:
// memory for each pong that nobody has asked for.
func parsePingID(b []byte) (id uint64, ok bool) {
	if len(b) == 0 || len(b) > 19 { // which is less than 1<<64
		return 0, false
	}
	for _, digit := range b {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		id = 10*id + uint64(digit-'0')
	}
	return id, true
}

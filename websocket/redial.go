package websocket

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// RedialOptions are those of [Redial]. nil and the zero value stand for the defaults.
// They are not changed and may be shared.
type RedialOptions struct {
	// Dial are the options of each Dial. nil: the defaults. Without a KeepAlive, a
	// server that vanishes without a word may never be missed. A token that expires
	// is set by the transport of an HTTPClient, which sees each request.
	Dial *DialOptions

	// DialTimeout is how long an attempt to connect may take. Zero: 30 seconds.
	// Negative: no limit.
	DialTimeout time.Duration

	// Base is the longest wait after the first failure. With each failure that
	// follows it doubles, up to Cap, and the wait is a random part of it. Zero: one
	// second.
	Base time.Duration

	// Cap is the longest wait, unless the server asks for a longer one. Zero: one
	// minute.
	Cap time.Duration

	// Healthy is how long a connection has to last for the failures before it to be
	// forgotten. One that ends sooner counts as a failure, so that a server which
	// accepts and closes at once is not asked again and again. Zero: one minute.
	Healthy time.Duration

	// OnState is told what Redial does, each time that changes, by the goroutine that
	// has called Redial: nothing goes on until it returns.
	OnState func(RedialState)

	// GiveUp decides whether an error, of Dial or of a connection that has ended, is
	// the end of Redial. nil: IsPermanent, which it may ask too.
	GiveUp func(err error) bool
}

// What zero values of RedialOptions stand for.
const (
	redialTimeout = 30 * time.Second
	redialBase    = time.Second
	redialCap     = time.Minute
	redialHealthy = time.Minute
)

// goodbyeTimeout is how long Redial takes for the closing handshake of a connection
// that its function has left open.
const goodbyeTimeout = time.Second

// Redial connects to the URL, calls use with the connection, and does so again when
// that has ended: a client that stays connected. One goroutine does all of it, the
// caller's. Redial returns
//
//   - nil once use returns nil;
//   - ctx's error, with the last one, once ctx has ended. use has to return then;
//   - an error that GiveUp does not want to be tried again: by default one that Dial
//     or use has marked by Permanent, or a refusal that will not change. IsPermanent
//     has the list.
//
// The context of use is cancelled when ctx has ended, and when the connection has,
// with its *ConnError as the context's cause. As always, something has to read for the
// end to be noticed. Once use has returned, the connection is closed: with code 1000
// if it has returned nil, and 1001 otherwise, unless it has ended by then. If use
// panics, it is closed without a handshake, and the panic goes on.
//
// After a failure Redial waits: a random time between zero and a bound, which is Base
// at first and doubles up to Cap. Clients that have lost a server together so come
// back spread over that time. It waits longer if the server wants it to:
//
//   - After a refusal with the field Retry-After, in seconds or as a date, the wait
//     begins when that is over. More than an hour counts as an hour.
//   - After close code 1012 (Service Restart) it is at least 5 to 30 seconds, or a
//     sixth of Cap to Cap if that is less than 30 seconds.
//   - After 1013 (Try Again Later) it is at least half of Cap.
//
// What one connection had left to send or to receive is not carried over to the next
// one. A client that must miss nothing says first where it was: use is called anew for
// each connection, and keeps that in a variable around it. Servers can answer by the
// positions of package wshub.
func Redial(ctx context.Context, url string, opts *RedialOptions, use func(ctx context.Context, c *Conn) error) error {
	if ctx == nil {
		return errorf("redial", errNilContext)
	}
	r := newRedialing(url, opts, use)
	err := r.run(ctx)
	r.show(RedialState{Phase: RedialEnded, Err: err})
	return err
}

// redialing is a call of Redial.
type redialing struct {
	RedialOptions
	url     string
	use     func(ctx context.Context, c *Conn) error
	backoff backoff
	last    error // of an attempt or a connection
}

func newRedialing(url string, opts *RedialOptions, use func(ctx context.Context, c *Conn) error) *redialing {
	r := &redialing{url: url, use: use}
	if opts != nil {
		r.RedialOptions = *opts
	}
	positive := func(d *time.Duration, byDefault time.Duration) {
		if *d <= 0 {
			*d = byDefault
		}
	}
	if r.DialTimeout == 0 {
		r.DialTimeout = redialTimeout
	}
	positive(&r.Base, redialBase)
	positive(&r.Cap, redialCap)
	positive(&r.Healthy, redialHealthy)
	if r.GiveUp == nil {
		r.GiveUp = IsPermanent
	}
	r.backoff = backoff{first: r.Base, longest: r.Cap}
	return r
}

func (r *redialing) run(ctx context.Context) error {
	for {
		if r.last = r.attempt(ctx); r.last == nil {
			return nil
		}
		if ended := ctx.Err(); ended != nil {
			if errors.Is(r.last, ended) {
				return errorf("redial", r.last)
			}
			return errorf("redial", fmt.Errorf("%w: %w", ended, r.last))
		}
		if r.GiveUp(r.last) {
			return errorf("redial", r.last)
		}
		if err := r.pause(ctx); err != nil {
			return errorf("redial", fmt.Errorf("%w: %w", err, r.last))
		}
	}
}

// attempt connects and uses the connection. The error is nil if use has ended well.
func (r *redialing) attempt(ctx context.Context) error {
	r.show(RedialState{Phase: RedialDialing})
	c, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer c.CloseNow() // OnState and use may panic
	since := time.Now()
	r.show(RedialState{Phase: RedialConnected, Since: since})
	err = r.session(ctx, c)
	if time.Since(since) >= r.Healthy {
		r.backoff.reset()
	}
	return err
}

func (r *redialing) dial(ctx context.Context) (*Conn, error) {
	if r.DialTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.DialTimeout)
		defer cancel()
	}
	c, _, err := Dial(ctx, r.url, r.Dial)
	return c, err
}

// session calls use, within a context that ends with the connection, and closes that.
func (r *redialing) session(ctx context.Context, c *Conn) error {
	used, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.end.done():
			cancel(c.end.err())
		case <-used.Done():
		}
	}()
	err := r.use(used, c)
	ended := c.end.err()
	if ended == nil {
		goodbye(c, err)
		return err
	}
	if _, told := errors.AsType[*ConnError](err); err == nil || told {
		return err
	}
	return fmt.Errorf("%w: %w", ended, err) // it may know only that its context has ended
}

// goodbye closes a connection that was left open.
func goodbye(c *Conn, err error) {
	code := StatusNormalClosure
	if err != nil {
		code = StatusGoingAway
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTimeout)
	defer cancel()
	c.CloseContext(ctx, code, "")
}

// pause waits for the time of the next attempt. The error is that of ctx.
func (r *redialing) pause(ctx context.Context) error {
	attempt := r.backoff.failures + 1
	wait := r.backoff.fail(rand.Float64(), adviceOf(r.last, r.Cap, time.Now()))
	r.show(RedialState{Phase: RedialWaiting, Attempt: attempt, Wait: wait})
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// show completes a state and shows it.
func (r *redialing) show(s RedialState) {
	if r.OnState == nil {
		return
	}
	if s.Attempt == 0 {
		s.Attempt = r.backoff.failures + 1
	}
	if s.Err == nil {
		s.Err = r.last
	}
	r.OnState(s)
}

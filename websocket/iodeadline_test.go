package websocket

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

// timedConn remembers its deadlines.
type timedConn struct {
	net.Conn
	refuse error // of all deadlines

	mu          sync.Mutex
	read, write time.Time
	past        chan bool // gets a value when a deadline in the past is set, if there is room
	closes      int
}

func newTimedConn() *timedConn { return &timedConn{past: make(chan bool, 1)} }

func (c *timedConn) set(p *time.Time, t time.Time) error {
	if c.refuse != nil {
		return c.refuse
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	*p = t
	if t == longAgo {
		select {
		case c.past <- true:
		default:
		}
	}
	return nil
}

func (c *timedConn) SetReadDeadline(t time.Time) error  { return c.set(&c.read, t) }
func (c *timedConn) SetWriteDeadline(t time.Time) error { return c.set(&c.write, t) }

func (c *timedConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *timedConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closes++
	return nil
}

func (c *timedConn) closed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closes
}

// deadline returns that of one direction, and none has to be that of the other.
func (c *timedConn) deadline(t *testing.T, write bool) time.Time {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	this, other := c.read, c.write
	if write {
		this, other = other, this
	}
	if !other.IsZero() {
		t.Errorf("the other direction has a deadline: %v", other)
	}
	return this
}

// inBothDirections runs a test for reads and for writes, in a bubble.
func inBothDirections(t *testing.T, test func(t *testing.T, conn *timedConn, d *ioDeadline, deadline func() time.Time)) {
	for _, write := range []bool{false, true} {
		name := "read"
		if write {
			name = "write"
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := newTimedConn()
				tr := &transport{conn: conn}
				d := tr.readDeadline()
				if write {
					d = tr.writeDeadline()
				}
				test(t, conn, d, func() time.Time { return conn.deadline(t, write) })
			})
		})
	}
}

func TestAContextEndsIOWheneverItEnds(t *testing.T) {
	inBothDirections(t, func(t *testing.T, conn *timedConn, d *ioDeadline, deadline func() time.Time) {
		for _, when := range []string{"before", "during", "after", "never"} {
			for range 3 { // the first operation, one that registers again, and one that does not
				ctx, cancel := context.WithCancel(t.Context())
				if when == "before" {
					cancel()
				}
				if err := d.begin(ctx, 0); err != ctx.Err() {
					t.Errorf("%s: begin returns %v, want %v", when, err, ctx.Err())
				}
				if when == "during" {
					cancel()
				}
				synctest.Wait()
				ends := ctx.Err() != nil
				if past := deadline() == longAgo; past != ends {
					t.Errorf("%s: the deadline is %v", when, deadline())
				}
				if cut := d.end(); cut != ends {
					t.Errorf("%s: cut is %v", when, cut)
				}
				cancel()
				synctest.Wait()
				if d.end() {
					t.Errorf("%s: it is cut twice", when)
				}
				if !deadline().IsZero() {
					t.Errorf("%s: a deadline is left: %v", when, deadline())
				}
				d.begin(t.Context(), 0)
				synctest.Wait()
				if !deadline().IsZero() || d.end() {
					t.Errorf("%s: the next operation is cut", when)
				}
			}
		}
	})
}

// A context that has been used often is registered once, and ends the operation
// that it is for, not one for another context or for none.
func TestAContextEndsOnlyWhatItIsFor(t *testing.T) {
	inBothDirections(t, func(t *testing.T, conn *timedConn, d *ioDeadline, deadline func() time.Time) {
		for name, next := range map[string]context.Context{
			"one that cannot end": context.Background(),
			"another one":         t.Context(),
		} {
			ctx, cancel := context.WithCancel(t.Context())
			for range 3 {
				d.begin(ctx, 0)
				d.end()
			}
			d.begin(next, time.Minute)
			cancel()
			synctest.Wait()
			if deadline() != time.Now().Add(time.Minute) {
				t.Errorf("%s: the deadline is %v", name, deadline())
			}
			if d.end() {
				t.Errorf("%s: it was cut by a context that is not its own", name)
			}
			if err := d.begin(ctx, 0); err != context.Canceled {
				t.Errorf("%s: begin after that: %v", name, err)
			}
			synctest.Wait()
			d.end()
			if !deadline().IsZero() {
				t.Errorf("%s: a deadline is left: %v", name, deadline())
			}
		}
	})
}

// registeredContext counts the registrations with it.
type registeredContext struct {
	context.Context
	mu          sync.Mutex
	begun, live int
}

func (c *registeredContext) Value(any) any { return nil } // or package context would not call AfterFunc

func (c *registeredContext) AfterFunc(f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun++
	c.live++
	ended := false
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !ended {
			ended = true
			c.live--
		}
		return stop()
	}
}

func TestARegistrationIsKeptWhileTheContextStaysTheSame(t *testing.T) {
	inBothDirections(t, func(t *testing.T, conn *timedConn, d *ioDeadline, deadline func() time.Time) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		one, two := &registeredContext{Context: ctx}, &registeredContext{Context: ctx}
		// Both end by the same channel.
		none := context.Background()
		other, cancelOther := context.WithCancel(t.Context())
		defer cancelOther()
		three := &registeredContext{Context: other}
		for i, step := range []struct {
			name      string
			ctx       context.Context
			most      int // registrations with one and two from the beginning on
			live      int // of them, after the operation
			liveOther int // of three
		}{
			{"first", one, 1, 0, 0},
			{"again", one, 2, 1, 0},
			{"and again", one, 2, 1, 0},
			{"by another with the same channel", two, 2, 1, 0},
			{"one that cannot end", none, 2, 1, 0},
			{"again", one, 2, 1, 0},
			{"another context", three, 2, 0, 0},
			{"again", three, 2, 0, 1},
			{"back", one, 3, 0, 0},
			{"and again", one, 4, 1, 0},
		} {
			if err := d.begin(step.ctx, 0); err != nil {
				t.Fatal(err)
			}
			if d.end() {
				t.Fatalf("%d, %s: cut", i, step.name)
			}
			if begun, live := one.begun+two.begun, one.live+two.live; begun > step.most || live > step.live || three.live > step.liveOther {
				t.Errorf("%d, %s: %d registrations of which %d are live, and %d of the other, want %d, %d and %d at most",
					i, step.name, begun, live, three.live, step.most, step.live, step.liveOther)
			}
		}
		if d.forget(); one.live+two.live+three.live > 0 {
			t.Error("a registration is kept after forget")
		}
	})
}

// Whatever the moment at which the transport is closed, no registration outlives
// it and the operations.
func TestNoRegistrationOutlivesTheTransport(t *testing.T) {
	for _, when := range []string{"between operations", "during one", "before the first"} {
		for _, before := range []int{0, 1, 2, 3} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				counted := &registeredContext{Context: ctx}
				conn := newTimedConn()
				tr := &transport{conn: conn}
				for range before {
					if when != "before the first" {
						tr.readDeadline().begin(counted, 0)
						tr.writeDeadline().begin(counted, 0)
						tr.readDeadline().end()
						tr.writeDeadline().end()
					}
				}
				if when == "during one" {
					tr.readDeadline().begin(counted, 0)
					tr.writeDeadline().begin(counted, 0)
				}
				if !tr.close() || tr.close() {
					t.Error("close does not know whether it is the first")
				}
				for after := range 3 { // operations
					tr.readDeadline().end()
					tr.writeDeadline().end()
					if counted.live > 0 {
						t.Errorf("%s, %d operations before, %d after: %d registrations are left", when, before, after, counted.live)
					}
					tr.readDeadline().begin(counted, 0)
					tr.writeDeadline().begin(counted, 0)
				}
			})
		}
	}
}

// The same with a close that comes at any moment.
func TestNoRegistrationOutlivesATransportThatIsClosedMeanwhile(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 200 {
		counted := &registeredContext{Context: ctx}
		tr := &transport{conn: newTimedConn()}
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 4 {
				tr.readDeadline().begin(counted, 0)
				tr.readDeadline().end()
			}
		})
		wg.Go(func() { tr.close() })
		wg.Wait()
		if counted.live > 0 {
			t.Fatalf("%d registrations are left", counted.live)
		}
	}
}

func TestTheContextOfTheOperationBeforeCostsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := (&transport{conn: newTimedConn()}).readDeadline()
	operation := func() {
		if err := d.begin(ctx, time.Minute); err != nil {
			t.Fatal(err)
		}
		d.end()
	}
	operation()
	operation() // from now on the registration is kept
	if n := testing.AllocsPerRun(100, operation); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTimeouts(t *testing.T) {
	const none = -1
	type step struct {
		what string
		wait time.Duration // of the call
		want time.Duration // how far the deadline is then; none
	}
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"none", []step{{"begin", 0, none}, {"end", 0, none}}},
		{"one", []step{{"begin", 3, 3}, {"end", 0, none}}},
		{"one after the other", []step{{"begin", 3, 3}, {"end", 0, none}, {"begin", 5, 5}, {"end", 0, none}}},
		{"extended", []step{{"begin", 3, 3}, {"pass", 2, 1}, {"extend", 3, 3}, {"end", 0, none}}},
		{"cancelled", []step{{"begin", 3, 3}, {"cancel", 0, -2}, {"cut", 0, none}}},
		{"cancelled, then extended", []step{{"begin", 3, 3}, {"cancel", 0, -2}, {"extend", 3, -2}, {"cut", 0, none}}},
		{"cancelled twice", []step{{"begin", 0, none}, {"cancel", 0, -2}, {"cancel", 0, -2}, {"cut", 0, none}, {"end", 0, none}}},
		{"cancelled before", []step{{"cancel", 0, none}, {"begin", 0, none}, {"end", 0, none}}},
		{"cancelled after", []step{{"begin", 3, 3}, {"end", 0, none}, {"cancel", 0, none}, {"begin", 0, none}, {"end", 0, none}}},
		{"interrupted", []step{{"begin", 3, 3}, {"interrupt", 0, -2}, {"extend", 3, -2}, {"cut", 0, none}, {"end", 0, none}}},
		{"interrupted before", []step{{"interrupt", 0, -2}, {"begin", 0, -2}, {"cut", 0, none}, {"begin", 0, none}, {"end", 0, none}}},
		{"interrupted before, with a timeout", []step{{"interrupt", 0, -2}, {"begin", 3, -2}, {"cut", 0, none}, {"begin", 3, 3}, {"end", 0, none}}},
		{"interrupted, and no operation", []step{{"interrupt", 0, -2}, {"cut", 0, none}, {"end", 0, none}}},
		{"finally", []step{{"finally", 5, 5}, {"begin", 0, 5}, {"end", 0, 5}}},
		{"finally, in an operation", []step{{"begin", 0, none}, {"finally", 5, 5}, {"end", 0, 5}}},
		{"finally, shorter timeouts", []step{{"begin", 3, 3}, {"finally", 5, 5}, {"end", 0, 5}, {"begin", 2, 2}, {"pass", 1, 1}, {"extend", 2, 2}, {"end", 0, 4}}},
		{"finally does not move later", []step{{"finally", 5, 5}, {"begin", 9, 5}, {"pass", 2, 3}, {"extend", 9, 3}, {"end", 0, 3}, {"begin", 0, 3}}},
		{"finally, cancelled", []step{{"begin", 0, none}, {"cancel", 0, -2}, {"finally", 5, -2}, {"cut", 0, 5}, {"begin", 9, 5}}},
		{"finally, and it has passed", []step{{"finally", 5, 5}, {"pass", 6, -1}, {"begin", 3, -1}, {"end", 0, -1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBothDirections(t, func(t *testing.T, conn *timedConn, d *ioDeadline, deadline func() time.Time) {
				for i, s := range tc.steps {
					wait := s.wait * time.Second
					switch s.what {
					case "begin":
						d.begin(t.Context(), wait)
					case "end", "cut":
						if cut := d.end(); cut != (s.what == "cut") {
							t.Errorf("step %d: end returns %v", i, cut)
						}
					case "extend":
						d.extend(wait)
					case "cancel":
						d.cancel()
					case "interrupt":
						d.interrupt()
					case "finally":
						d.finally(wait)
					case "pass":
						time.Sleep(wait) // of the bubble
					}
					got, want := deadline(), time.Now().Add(s.want*time.Second)
					switch {
					case s.want == none && s.what != "pass" && got.IsZero():
						continue
					case s.want == -2:
						want = longAgo
					case s.want < 0 && !got.IsZero() && got != longAgo && !got.After(time.Now()):
						continue // it has passed
					}
					if !got.Equal(want) {
						t.Errorf("step %d, %s: the deadline is %v, %v from now; want %v", i, s.what, got, time.Until(got), want)
					}
				}
			})
		})
	}
}

func TestATransportWithoutDeadlinesIsClosed(t *testing.T) {
	refuse := errors.New("no deadlines here")
	for _, tc := range []struct {
		name string
		end  func(d *ioDeadline, cancel func())
		wait time.Duration
	}{
		{"the context ends", func(d *ioDeadline, cancel func()) { cancel() }, 0},
		{"cancel", func(d *ioDeadline, cancel func()) { d.cancel() }, 0},
		{"both", func(d *ioDeadline, cancel func()) { d.cancel(); cancel() }, 0},
		{"finally", func(d *ioDeadline, cancel func()) { d.finally(3 * time.Second) }, 3 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBothDirections(t, func(t *testing.T, conn *timedConn, d *ioDeadline, _ func() time.Time) {
				conn.refuse = refuse
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				d.begin(ctx, time.Minute)
				tc.end(d, cancel)
				if synctest.Wait(); tc.wait > 0 {
					if conn.closed() > 0 {
						t.Error("closed at once")
					}
					time.Sleep(tc.wait) // of the bubble
					synctest.Wait()
				}
				if n := conn.closed(); n != 1 {
					t.Errorf("closed %d times, want once", n)
				}
				if cut := d.end(); cut != (tc.wait == 0) {
					t.Errorf("end returns %v", cut)
				}
			})
		})
	}
}

// Neither before finally nor after it does a transport that is closed wait for its
// last deadline.
func TestNothingIsKeptUntilTheLastDeadlineOfAClosedTransport(t *testing.T) {
	for name, order := range map[string]func(tr *transport){
		"closed before": func(tr *transport) { tr.close(); tr.readDeadline().finally(time.Hour) },
		"closed after":  func(tr *transport) { tr.readDeadline().finally(time.Hour); tr.close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			conn := newTimedConn()
			order(&transport{conn: conn})
			time.Sleep(2 * time.Hour)
			if n := conn.closed(); n != 1 {
				t.Errorf("%s: closed %d times", name, n)
			}
		})
	}
}

// oddContext is a context whose methods do something else besides.
type oddContext struct {
	context.Context
	before func()
}

func (c oddContext) Value(any) any { return nil }

func (c oddContext) AfterFunc(f func()) func() bool {
	c.before()
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.before()
		return stop()
	}
}

// The context of an operation may use other connections when it is registered,
// with the same context or others.
func TestContextsMayUseOtherConnectionsWhileTheyAreRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := (&transport{conn: newTimedConn()}).readDeadline()
		inner, cancel := context.WithCancel(t.Context())
		defer cancel()
		odd := oddContext{inner, func() {
			for range 3 {
				other.begin(inner, 0)
				other.end()
			}
			other.forget()
		}}
		conn := newTimedConn()
		d := (&transport{conn: conn}).readDeadline()
		for range 3 {
			if err := d.begin(odd, 0); err != nil || d.end() {
				t.Fatal("it was cut", err)
			}
		}
		d.begin(odd, 0)
		cancel()
		synctest.Wait()
		if !d.end() {
			t.Error("it was not cut")
		}
		d.forget()
	})
}

// slowConn is a net.Conn whose deadlines take their time.
type slowConn struct {
	*timedConn
	enough chan bool
}

func (c slowConn) SetReadDeadline(t time.Time) error {
	<-c.enough
	return c.timedConn.SetReadDeadline(t)
}

// A net.Conn that does not return keeps the others from nothing.
func TestAContextEndsTheIOOfEachConnectionByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		enough := make(chan bool)
		slow := (&transport{conn: slowConn{newTimedConn(), enough}}).readDeadline()
		slow.begin(ctx, 0) // is the first to be told
		others := make([]*timedConn, 3)
		for i := range others {
			others[i] = newTimedConn()
			(&transport{conn: others[i]}).readDeadline().begin(ctx, 0)
		}
		cancel()
		synctest.Wait()
		for i, conn := range others {
			if got := conn.deadline(t, false); got != longAgo {
				t.Errorf("%d: the deadline is %v", i, got)
			}
		}
		close(enough)
		synctest.Wait()
		if !slow.end() {
			t.Error("the slow one was not cut")
		}
	})
}

// A context that ends while it is registered ends the operation.
func TestAContextThatEndsWhileItIsRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			inner, cancel := context.WithCancel(t.Context())
			d := (&transport{conn: newTimedConn()}).readDeadline()
			if err := d.begin(oddContext{inner, cancel}, 0); err != context.Canceled {
				t.Errorf("begin returns %v", err)
			}
			synctest.Wait()
			if !d.end() || d.end() {
				t.Error("it was not cut once")
			}
		}
	})
}

// Whoever closes a connection does not wait for the context of an operation,
// which may be waiting for that very close.
func TestAContextThatBlocksDoesNotKeepAClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c := newConn(near, ws.StateServerSide, "", nil, &settings{})
		ended := make(chan struct{})
		odd := oddContext{t.Context(), func() { <-ended }}
		read := make(chan error, 1)
		go func() {
			_, _, err := c.Read(odd)
			read <- err
		}()
		synctest.Wait() // it waits for the context
		closed := make(chan bool, 1)
		go func() {
			c.CloseNow()
			closed <- true
		}()
		synctest.Wait()
		if len(closed) == 0 {
			t.Error("CloseNow waits for the context of a Read")
		}
		close(ended)
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read returns %v", err)
		}
		synctest.Wait()
	})
}

// Some contexts end, others do not: whoever waits with one that does is cut, and
// nobody else is.
func TestManyContextsThatEndAtAnyMoment(t *testing.T) {
	const workers, rounds = 4, 500
	var mu sync.Mutex
	shared, endShared := context.WithCancel(t.Context())
	defer func() { endShared() }()
	// next returns a context, and what ends it: nil if nobody will before
	// the operation has.
	next := func(r *rand.Rand) (ctx context.Context, end func()) {
		switch r.IntN(4) {
		case 0:
			return context.Background(), nil
		case 1:
			return t.Context(), nil
		case 2:
			return context.WithCancel(t.Context())
		}
		mu.Lock()
		defer mu.Unlock()
		if r.IntN(4) == 0 {
			endShared()
			shared, endShared = context.WithCancel(t.Context())
		}
		return shared, endShared
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(worker)))
			conn := newTimedConn()
			d := (&transport{conn: conn}).readDeadline()
			late := func() {} // ends the context of the operation before
			for range rounds {
				ctx, end := next(r)
				select {
				case <-conn.past:
				default:
				}
				err := d.begin(ctx, 0)
				go late()
				late = func() {}
				if end != nil {
					switch r.IntN(3) {
					case 0:
						end() // during
					case 1:
						late = end // after, or not before anyway
					}
				}
				if err == nil && ctx.Err() != nil {
					<-conn.past // or the test hangs: the context has ended, and the operation waits
				}
				ends := ctx.Err() != nil
				if cut := d.end(); cut && !ends && ctx.Err() == nil {
					t.Error("it was cut, and its context goes on")
				}
				if end == nil {
					if past := len(conn.past) > 0; past {
						t.Error("it was cut, and its context never ends")
					}
				}
			}
			late()
			d.forget()
		})
	}
	wg.Wait()
}

// A transport without deadlines is closed by a timer instead, which must not outlive
// it: it would hold the connection for as long as a Close was given.
func TestAClosedTransportLeavesNoTimer(t *testing.T) {
	for _, write := range []bool{false, true} {
		for _, when := range []string{"before", "after"} { // the transport is closed
			synctest.Test(t, func(t *testing.T) {
				conn := newTimedConn()
				conn.refuse = errors.New("no deadlines")
				tr := &transport{conn: conn}
				d := tr.readDeadline()
				if write {
					d = tr.writeDeadline()
				}
				d.begin(context.Background(), time.Minute)
				if when == "before" {
					tr.close()
				}
				d.finally(24 * time.Hour)
				d.end()
				if when == "after" {
					tr.close()
				}
				time.Sleep(25 * time.Hour)
				synctest.Wait()
				if n := conn.closed(); n != 1 {
					t.Errorf("write %v, closed %s: closed %d times", write, when, n)
				}
			})
		}
	}
}

// severalErrors is an error that cannot be compared.
type severalErrors []error

func (severalErrors) Error() string { return "several" }

// listContext is a context whose error cannot be compared.
type listContext struct{ context.Context }

func (c listContext) Err() error {
	if err := c.Context.Err(); err != nil {
		return severalErrors{err}
	}
	return nil
}

// cancellingConn calls a function when it is given a deadline.
type cancellingConn struct {
	net.Conn
	cancel func()
}

func (c cancellingConn) SetReadDeadline(t time.Time) error {
	c.cancel()
	return c.Conn.SetReadDeadline(t)
}

func (c cancellingConn) SetWriteDeadline(t time.Time) error {
	c.cancel()
	return c.Conn.SetWriteDeadline(t)
}

// The error of a context may be of a type that cannot be compared. It ends the call all
// the same, and not the connection.
func TestAContextsErrorNeedNotBeComparable(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, c *Conn) error{
		"Read": func(ctx context.Context, c *Conn) error { _, _, err := c.Read(ctx); return err },
		"Serve": func(ctx context.Context, c *Conn) error {
			return c.Serve(ctx, func(context.Context, MessageType, []byte) error { return nil })
		},
		"Write": func(ctx context.Context, c *Conn) error { return c.Write(ctx, MessageText, []byte("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer far.Close()
				ctx, cancel := context.WithCancel(t.Context())
				c := serverOver(t, cancellingConn{near, cancel}, &settings{readTimeout: time.Minute, writeTimeout: time.Minute})
				var err error
				func() {
					defer func() {
						if v := recover(); v != nil {
							err = fmt.Errorf("panic: %v", v)
						}
					}()
					err = call(listContext{ctx}, c)
				}()
				var several severalErrors
				if !errors.As(err, &several) {
					t.Error(err)
				}
				if end := c.end.err(); end != nil {
					t.Error("the connection has ended:", end)
				}
			})
		})
	}
}

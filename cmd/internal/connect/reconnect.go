package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// link is a connection and, if the user wants it, those that follow it when it has
// ended. One goroutine calls open and receive, any may call the other methods.
type link struct {
	dial  func(context.Context) (*conn, error)
	note  func(format string, args ...any) // tells the user what goes on
	waits *backoff.ExponentialBackOff      // between attempts; nil: there is one connection

	ctx  context.Context // of the attempts
	stop context.CancelFunc

	mu   sync.Mutex
	conn *conn         // guarded by mu
	next chan struct{} // closed when another takes its place, or nothing does; guarded by mu
	over bool          // no other is to take its place; guarded by mu
}

// firstWait is how long to wait after a first failure, about; after each that follows
// it is longer, up to Times.Reconnect. A connection that has lasted for healthy makes
// the next failure a first one.
const (
	firstWait = 500 * time.Millisecond
	healthy   = time.Minute
)

func newLink(ctx context.Context, o Options, dial func(context.Context) (*conn, error), note func(string, ...any)) *link {
	l := &link{dial: dial, note: note, next: make(chan struct{})}
	l.ctx, l.stop = context.WithCancel(ctx)
	if o.Reconnect > 0 {
		l.waits = backoff.NewExponentialBackOff()
		l.waits.InitialInterval, l.waits.Multiplier = min(firstWait, o.Reconnect), 2
		l.waits.MaxInterval = o.Reconnect
	}
	return l
}

// open makes the first connection.
func (l *link) open() error {
	c, err := l.dial(l.ctx)
	if err != nil && l.waits != nil && mends(err, 0) {
		c, err = l.redial(err)
	}
	if err == nil {
		l.conn = c
	}
	return err
}

// now returns the connection, which may have ended.
func (l *link) now() *conn {
	c, _ := l.state()
	return c
}

func (l *link) state() (*conn, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn, l.next
}

// send sends a message. One that could not be written goes to the next connection:
// the server cannot have had all of it.
func (l *link) send(op ws.OpCode, p []byte) error {
	for {
		c, next := l.state()
		err := c.send(op, p)
		if err == nil || l.waits == nil {
			return err
		}
		<-next
		if again, _ := l.state(); again == c {
			return err
		}
	}
}

// close closes the connection, and lets no other follow.
func (l *link) close(code ws.StatusCode, reason string) { l.finish().close(code, reason) }

// leave is conn.leave, and lets no other connection follow.
func (l *link) leave() { l.finish().leave() }

// depart leaves because ctx has ended. When that is because the time for everything is
// over, there is none left for the server's answer.
func (l *link) depart(ctx context.Context) {
	l.leave()
	if errors.Is(context.Cause(ctx), errTimeout) {
		l.now().net.Close()
	}
}

func (l *link) finish() *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.stop()
	return l.conn
}

// receive hands on what comes, on one connection after the other, until the last has
// ended. The error is that of the last.
func (l *link) receive(h handler) error {
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		close(l.next)
	}()
	for {
		c := l.now()
		err := c.receive(h)
		if !l.wants(c, err) {
			return err
		}
		if time.Since(c.begun) >= healthy {
			l.waits.Reset()
		}
		if err == nil { // by 1001: the server restarts, or goes
			err = c.end.theirs
		}
		if c, err = l.redial(err); err != nil {
			return err
		}
		if !l.replace(c) {
			c.leave()
			return c.receive(h)
		}
		l.note("connected again")
	}
}

// wants reports whether a connection is to follow c, which has ended with err.
func (l *link) wants(c *conn, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waits != nil && !l.over && l.ctx.Err() == nil && mends(err, c.end.theirs.code)
}

// replace makes c the connection, unless the user has had enough meanwhile.
func (l *link) replace(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = c
	if l.over {
		return false
	}
	close(l.next)
	l.next = make(chan struct{})
	return true
}

// redial connects after err, as often as it takes.
func (l *link) redial(err error) (*conn, error) {
	for {
		wait := max(min(l.waits.NextBackOff(), l.waits.MaxInterval), retryAfter(err), askedFor(err, l.waits.MaxInterval))
		l.note("%v; connecting again in %v", err, wait.Round(time.Millisecond))
		select {
		case <-time.After(wait):
		case <-l.ctx.Done():
			return nil, err
		}
		c, failure := l.dial(l.ctx)
		if failure == nil {
			return c, nil
		}
		if l.ctx.Err() != nil {
			return nil, err
		}
		if err = failure; !mends(err, 0) {
			return nil, err
		}
	}
}

// The list of close codes wants clients of a service that restarts (1012) to come back
// after 5 to 30 seconds.
const (
	restartLeast = 5 * time.Second
	restartMost  = 30 * time.Second
)

// askedFor returns the wait that a close code asks for, from a client that waits at most
// longest. It is spread at random, so that clients do not all come back at once.
func askedFor(err error, longest time.Duration) time.Duration {
	end, ok := errors.AsType[closedError](err)
	if !ok {
		return 0
	}
	var least, most time.Duration
	switch end.code {
	case ws.StatusServiceRestart:
		most = min(restartMost, longest)
		least = most / (restartMost / restartLeast)
	case ws.StatusTryAgainLater:
		least, most = longest/2, longest
	}
	return least + time.Duration(rand.Float64()*float64(most-least))
}

// mends reports whether another attempt may go better than what has ended with err, or
// without one by a close code of the server.
func mends(err error, theirs ws.StatusCode) bool {
	switch exit.Of(err) {
	case exit.OK:
		return theirs == ws.StatusGoingAway
	case exit.Unreachable:
		_, distrusted := errors.AsType[*tls.CertificateVerificationError](err)
		return !distrusted
	case exit.Refused:
		refusal, ok := errors.AsType[*ws.ResponseError](err)
		return ok && refusal.Status >= 400 && !websocket.IsPermanent(err)
	case exit.TimedOut, exit.Lost, exit.ClosedBadly:
		return true
	}
	return false
}

// retryAfter returns how long a refusal asks to wait, in its field Retry-After (RFC
// 9110, 10.2.3), if it does so in seconds.
func retryAfter(err error) time.Duration {
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok {
		return 0
	}
	value, _ := refusal.Header.First("Retry-After")
	seconds, err := strconv.ParseUint(string(value), 10, 16)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}

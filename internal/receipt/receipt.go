// Package receipt has the type by which the shells tell what has become of a
// message that was enqueued.
package receipt

import (
	"context"
	"errors"
	"sync"
)

// Receipt tells what has become of a message that was enqueued: it gets exactly
// one outcome. The zero value is ready for one message; it must not be copied. All
// methods may be called by any goroutine.
type Receipt struct {
	mu      sync.Mutex
	claimed bool
	settled bool
	err     error
	done    chan struct{} // nil: nobody has asked yet
}

// Done returns a channel that is closed when the outcome is known.
func (r *Receipt) Done() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil {
		r.done = make(chan struct{})
		if r.settled {
			close(r.done)
		}
	}
	return r.done
}

// Outcome returns what has become of the message, if known: a nil error if the
// transport has taken all of it, which does not mean that the peer has received
// it, and otherwise why not.
func (r *Receipt) Outcome() (err error, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err, r.settled
}

// Wait waits for the outcome, and returns it. If ctx ends before, it returns its
// error.
func (r *Receipt) Wait(ctx context.Context) error {
	if ctx == nil {
		if err, known := r.Outcome(); known {
			return err
		}
		return errNilContext
	}
	select {
	case <-r.Done():
	case <-ctx.Done():
		if _, known := r.Outcome(); !known {
			return ctx.Err()
		}
	}
	err, _ := r.Outcome()
	return err
}

var errNilContext = errors.New("receipt: the context is nil; context.Background never ends")

// Claim says that r is going to be for a message. If it is for one already, that is a
// mistake of the program, and panics: here, where its stack shows who has made it. nil
// is nobody's.
func Claim(r *Receipt) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed {
		panic("receipt: a Receipt is for one message")
	}
	r.claimed = true
}

// Settle gives r its outcome. It is for whoever has enqueued the message. A
// second outcome is a mistake of this module, and panics.
func Settle(r *Receipt, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.settled {
		panic("receipt: a second outcome")
	}
	r.settled, r.err = true, err
	if r.done != nil {
		close(r.done)
	}
}

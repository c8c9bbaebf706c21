package wsproto

import (
	"sync/atomic"

	"github.com/wirews/wirews/ws"
)

// Budget bounds memory that connections hold together: limits of each of them
// say nothing about a thousand. What a Budget is for is said where one can be
// given, as in wsflate.Options and websocket.AcceptOptions; the same one may be
// given in several places, and then bounds the sum. It is safe for concurrent
// use. A nil Budget counts nothing and has no limit.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a [Budget] of limit bytes. With none or less, it is used up
// from the beginning.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Used returns how many bytes are counted now.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	return b.used.Load()
}

// Room reports whether less is counted than the limit.
func (b *Budget) Room() bool { return b == nil || b.used.Load() < b.limit }

// Take counts n bytes more, and reports true, unless that would be more than the
// limit.
func (b *Budget) Take(n int64) bool {
	if b == nil {
		return true
	}
	for { // what is refused is not counted in between: it would have others refused
		used := b.used.Load()
		if n > b.limit-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// Add counts n bytes more, whatever the limit is; less if n is negative: so what
// has been taken is given back.
func (b *Budget) Add(n int64) {
	if b != nil {
		b.used.Add(n)
	}
}

// ErrOverBudget ends a connection whose message needs more memory than a Budget
// has left. Its close code is 1013 (Try Again Later).
const ErrOverBudget = budgetError("wsproto: too much memory is held by unfinished messages; raise the limit of the Budget")

// budgetError is a limit on what connections hold together.
type budgetError string

func (e budgetError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent: 1013.
func (e budgetError) StatusCode() ws.StatusCode { return ws.StatusTryAgainLater }

// CloseReason returns the reason that the peer is to be sent.
func (e budgetError) CloseReason() string { return "too much memory is held by unfinished messages" }

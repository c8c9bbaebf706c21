package bench

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
)

// Kind of a failure: what a server did with a connection.
type FailureKind int

// The kinds.
const (
	Refused FailureKind = iota // it could not be opened
	Wrong                      // something else came back than what was sent
	Ended                      // it was closed, or broke, before its time
	Lost                       // answers did not come
)

// String returns the name of the kind.
func (k FailureKind) String() string {
	return [...]string{"refused", "wrong", "ended", "lost"}[k]
}

// Failure is what has gone wrong on one connection, which is closed by it.
type Failure struct {
	Kind FailureKind
	Err  error
}

// Error says what has gone wrong.
func (f *Failure) Error() string { return fmt.Sprintf("%v: %v", f.Kind, f.Err) }

// Unwrap returns f.Err.
func (f *Failure) Unwrap() error { return f.Err }

func failure(kind FailureKind, err error) *Failure { return &Failure{kind, err} }

// failures collects them. Its methods may be called concurrently.
type failures struct {
	mu    sync.Mutex
	tally Failures
}

// Failures counts connections that something went wrong on, and answers that are
// missing.
type Failures struct {
	Refused int   `json:"refused"`
	Wrong   int   `json:"wrong"`
	Ended   int   `json:"ended"`
	Lost    int64 `json:"lost_messages"`
	// Gone says that the server's process has ended, if it was given.
	Gone bool `json:"server_process_ended,omitempty"`
	// Examples are the first few, in words.
	Examples []string `json:"examples,omitempty"`

	refusal error // the first
}

// Any reports whether there are any.
func (f Failures) Any() bool { return f.Refused+f.Wrong+f.Ended > 0 || f.Lost > 0 || f.Gone }

const maxExamples = 5

func (f *failures) add(id int, err error) {
	kind := Ended
	if e, ok := errors.AsType[*Failure](err); ok {
		kind, err = e.Kind, e.Err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch kind {
	case Refused:
		f.tally.Refused++
		f.tally.refusal = cmp.Or(f.tally.refusal, err)
	case Wrong:
		f.tally.Wrong++
	default:
		f.tally.Ended++
	}
	f.example(fmt.Sprintf("connection %d: %v: %v", id, kind, err))
}

// lose counts answers that have not come on a connection.
func (f *failures) lose(id int, n int64) {
	f.miss(id, n, fmt.Sprintf("%s without an answer", count(n, "message")))
}

// miss counts messages that have not come on a connection.
func (f *failures) miss(id int, n int64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tally.Lost += n
	f.example(fmt.Sprintf("connection %d: %v: %s", id, Lost, text))
}

// unopened returns why not one of so many connections could be opened, with the status
// that the other commands have for that; nil if one could.
func (f Failures) unopened(connections int) error {
	if f.Refused < connections || f.refusal == nil {
		return nil
	}
	err := connect.DialOutcome(f.refusal)
	if f.refusal == errTimeout {
		err = exit.With(exit.TimedOut, f.refusal)
	}
	return fmt.Errorf("no connection could be opened: %w", err)
}

// end notes that the server's process has ended.
func (f *failures) end(pid int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tally.Gone = true
	f.tally.Examples = append([]string{fmt.Sprintf("the server's process, %d, has ended", pid)}, f.tally.Examples...)
}

func (f *failures) example(text string) {
	if len(f.tally.Examples) < maxExamples {
		f.tally.Examples = append(f.tally.Examples, plain.Line(text)) // it may quote the server
	}
}

func (f *failures) sum() Failures {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tally
}

// String counts what there is of each.
func (f Failures) String() string {
	var words []string
	if f.Refused > 0 {
		words = append(words, count(f.Refused, "connection")+" refused")
	}
	if f.Wrong > 0 {
		words = append(words, fmt.Sprintf("%d with wrong answers", f.Wrong))
	}
	if f.Ended > 0 {
		words = append(words, fmt.Sprintf("%d ended early", f.Ended))
	}
	if f.Lost > 0 {
		words = append(words, count(f.Lost, "message")+" lost")
	}
	if f.Gone {
		words = append(words, "its process has ended")
	}
	return strings.Join(words, ", ")
}

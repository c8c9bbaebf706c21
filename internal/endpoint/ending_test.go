package endpoint

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/wirews/wirews/wsproto"
)

// step is a Happening with what a shell says of it.
type step struct {
	what  Happening
	cause wsproto.ConnError
}

// ending is an Ending beside a model of what its documentation says.
type ending struct {
	Ending
	t       testing.TB
	state   State
	unsent  error
	cause   *wsproto.ConnError
	handed  []*wsproto.ConnError // earlier causes
	copies  []wsproto.ConnError  // as they were then
	history string
}

func (e *ending) happen(s step) {
	e.t.Helper()
	e.history += fmt.Sprintf(" %d(%v, received %v)", s.what, s.cause.Err, s.cause.Received != nil)
	before := e.state
	open := before == Open || before == Deaf
	wantBegun := open && s.what != WriteFails
	switch {
	case before == Open && s.what == WriteFails:
		e.state, e.unsent = Deaf, s.cause.Err
	case wantBegun:
		begun := s.cause
		if begun.Err == nil {
			begun.Err = e.unsent // which stands beside it
		}
		e.cause = &begun
		if e.state = Closing; s.what == TransportClosed {
			e.state = Closed
		}
	case before == Closing && s.what != WeClose:
		known := *e.cause
		if more := s.cause; more.Received != nil && known.Received == nil {
			known.Received, known.Causes = more.Received, more.Causes
		}
		if known.Err == nil {
			known.Err = s.cause.Err
		}
		if e.cause = &known; s.what == TransportClosed {
			e.state = Closed
		}
	}
	if begun := e.Happen(s.what, s.cause); begun != wantBegun {
		e.t.Fatalf("%s: begun %v, want %v", e.history, begun, wantBegun)
	}
	e.check(wantBegun)
}

func (e *ending) check(begun bool) {
	e.t.Helper()
	if got := e.State(); got != e.state {
		e.t.Fatalf("%s: state %d, want %d", e.history, got, e.state)
	}
	if e.state == Deaf && e.Unsent() != e.unsent {
		e.t.Fatalf("%s: unsent %v, want %v", e.history, e.Unsent(), e.unsent)
	}
	got := e.Cause()
	if (got == nil) != (e.cause == nil) {
		e.t.Fatalf("%s: cause %v, want %v", e.history, got, e.cause)
	}
	for i, was := range e.handed {
		if now := *was; !same(now, e.copies[i]) {
			e.t.Fatalf("%s: a cause that was handed out was %+v, and is %+v now", e.history, e.copies[i], now)
		}
	}
	if got == nil {
		return
	}
	want := *e.cause
	if got.By != want.By || got.Code != want.Code || got.Reason != want.Reason || got.Received != want.Received || !slices.Equal(got.Causes, want.Causes) {
		e.t.Fatalf("%s: %+v, want %+v", e.history, *got, want)
	}
	for _, err := range append([]error{want.Err, e.unsent, want.By}, want.Causes...) {
		if err != nil && !errors.Is(got, err) {
			e.t.Fatalf("%s: errors.Is does not find %v in %v", e.history, err, got)
		}
	}
	if want.Err == nil && e.unsent == nil && got.Err != nil {
		e.t.Fatalf("%s: %v, want no error", e.history, got.Err)
	}
	if len(e.handed) == 0 || e.handed[len(e.handed)-1] != got {
		e.handed, e.copies = append(e.handed, got), append(e.copies, *got)
	}
}

func same(a, b wsproto.ConnError) bool {
	return a.By == b.By && a.Code == b.Code && a.Reason == b.Reason && a.Received == b.Received && a.Err == b.Err && slices.Equal(a.Causes, b.Causes)
}

// nthStep returns one of what can happen; number tells them apart.
func nthStep(kind, number int) step {
	s := step{Happening(kind % int(happenings)), wsproto.ConnError{By: wsproto.EndedBy(1 + number%5), Code: 1006, Reason: fmt.Sprint(number)}}
	switch kind / int(happenings) % 3 {
	case 0:
		s.cause.Err = fmt.Errorf("error %d", number)
	case 1: // nil
	case 2:
		if s.what == ReadEnds {
			s.cause.Code, s.cause.Received = 1000, &wsproto.CloseFrame{Code: 1000}
			s.cause.Causes = []error{fmt.Errorf("cause %d", number)}
		}
	}
	return s
}

const kinds = 3 * int(happenings)

func TestEverySequenceOfWhatEndsAConnection(t *testing.T) {
	const length = 4
	all := 1
	for range length {
		all *= kinds
	}
	for n := range all {
		e := ending{t: t}
		for i := range length {
			e.happen(nthStep(n%kinds, i))
			n /= kinds
		}
	}
}

func TestTransitionsAreAllThere(t *testing.T) {
	for what, row := range transitions {
		for from, tr := range row {
			if tr.to < State(from) {
				t.Errorf("%d leads from state %d back to %d", what, from, tr.to)
			}
			if State(from) == Closed && tr != (transition{Closed, nothing}) {
				t.Errorf("%d changes what is closed", what)
			}
		}
	}
}

func TestAFailedWriteStandsBesideWhatEndsTheConnection(t *testing.T) {
	pipe := errors.New("broken pipe")
	frame := &wsproto.CloseFrame{Code: 1001}
	for _, tc := range []struct {
		name  string
		cause wsproto.ConnError
		want  string
	}{
		{"the peer's close frame", wsproto.ConnError{By: wsproto.EndedByPeer, Received: frame}, "after a write had failed: broken pipe"},
		{"the end of the transport", wsproto.ConnError{By: wsproto.EndedByTransport, Err: io.EOF}, "EOF, after a write had failed: broken pipe"},
	} {
		var e Ending
		if e.Happen(WriteFails, wsproto.ConnError{Err: pipe}); e.State() != Deaf || e.Unsent() != pipe || e.Cause() != nil {
			t.Errorf("%s: state %d, %v, %v, want Deaf, and no cause", tc.name, e.State(), e.Unsent(), e.Cause())
		}
		e.Happen(WriteFails, wsproto.ConnError{Err: errors.New("another")})
		if !e.Happen(ReadEnds, tc.cause) {
			t.Errorf("%s: want it to be the cause", tc.name)
		}
		got := e.Cause()
		if got.Err.Error() != tc.want || !errors.Is(got, pipe) || tc.cause.Err != nil && !errors.Is(got, tc.cause.Err) || got.By != tc.cause.By || got.Received != tc.cause.Received {
			t.Errorf("%s: %+v, want %s", tc.name, got, tc.want)
		}
	}
}

func FuzzEnding(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0})
	f.Add([]byte{0, 10, 1, 3, 2})
	f.Add([]byte{5, 6, 7, 4, 11, 10, 9, 8})
	f.Fuzz(func(t *testing.T, steps []byte) {
		e := ending{t: t}
		for i, b := range steps[:min(len(steps), 50)] {
			e.happen(nthStep(int(b), i))
		}
	})
}

// faults is an error whose values cannot be compared, as a list of them is.
type faults []string

func (faults) Error() string { return "faults" }

func TestAnEndingTakesErrorsThatCannotBeCompared(t *testing.T) {
	for _, what := range []Happening{WriteFails, ReadEnds, TransportClosed} {
		var e Ending
		e.Happen(WeClose, wsproto.ConnError{By: wsproto.EndedByUs, Err: faults{"x"}})
		e.Happen(what, wsproto.ConnError{By: wsproto.EndedByTransport, Err: io.EOF}) // the peer has not answered
		if _, ok := errors.AsType[faults](e.Cause()); !ok {
			t.Errorf("%d: the cause is %v", what, e.Cause())
		}
	}
}

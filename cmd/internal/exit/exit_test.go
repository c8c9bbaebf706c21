package exit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/exit"
)

func TestAStatusIsFoundInWhatWrapsIt(t *testing.T) {
	lost := exit.With(exit.Lost, errors.New("lost"))
	for _, c := range []struct {
		err  error
		want exit.Status
	}{
		{nil, exit.OK},
		{errors.New("no such file"), exit.Failed},
		{lost, exit.Lost},
		{fmt.Errorf("first: %w", lost), exit.Lost},
		{errors.Join(errors.New("other"), exit.ErrInterrupted), exit.Interrupted},
	} {
		if got := exit.Of(c.err); got != c.want {
			t.Errorf("%v: status %d, want %d", c.err, got, c.want)
		}
	}
}

func TestEveryStatusIsExplained(t *testing.T) {
	for s := range exit.Interrupted + 1 {
		explained := strings.Contains("\n"+exit.Statuses, fmt.Sprintf("\n    %-5d", s))
		if exists := s <= exit.Unfit || s == exit.Interrupted; exists != explained {
			t.Errorf("status %d: explained %t, want %t", s, explained, exists)
		}
	}
}

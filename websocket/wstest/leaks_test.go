package wstest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// leakTB is a testing.TB whose end is when cleanup is called.
type leakTB struct {
	testing.TB
	cleanup func()
	failure string
}

func (*leakTB) Helper()            {}
func (t *leakTB) Cleanup(f func()) { t.cleanup = f }
func (t *leakTB) Errorf(format string, args ...any) {
	t.failure += fmt.Sprintf(format, args...)
}

func stayUntil(end <-chan struct{}) { <-end }

func TestLeaksAreFoundAndShown(t *testing.T) {
	before := goroutines()
	end := make(chan struct{})
	defer close(end)
	go stayUntil(end)
	left := leaked(before, nil, 0)
	for len(left) != 1 || !strings.Contains(left[0], "wstest.stayUntil") {
		if left = leaked(before, nil, 0); len(left) == 0 { // what others have left may still be ending
			t.Fatal("none was found")
		}
	}
	if left := leaked(before, []string{"nothing", "wstest.stayUntil"}, patience); len(left) > 0 {
		t.Errorf("it was allowed: %s", left)
	}
}

func TestNoLeaksWaitsForWhatIsEnding(t *testing.T) {
	var tb leakTB
	NoLeaks(&tb)
	end, looking := make(chan struct{}), make(chan struct{})
	go stayUntil(end)
	go func() {
		<-looking
		close(end)
	}()
	close(looking)
	if tb.cleanup(); tb.failure != "" {
		t.Error(tb.failure)
	}
}

func TestNoLeaksKnowsWhatWasThereBefore(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	go stayUntil(end)
	var tb leakTB
	NoLeaks(&tb)
	if tb.cleanup(); tb.failure != "" {
		t.Error(tb.failure)
	}
}

func TestNoLeaksClosesIdleConnections(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	before := goroutines()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if left := leaked(before, []string{"net/http.(*conn).serve"}, patience); len(left) > 0 {
		t.Errorf("%s", left)
	}
}

func TestNoLeaksReports(t *testing.T) {
	var tb leakTB
	report(&tb, []string{"goroutine 7 [chan receive]:", "goroutine 8 [select]:"})
	if want := "wstest: 2 goroutines outlive the test:\n\ngoroutine 7 [chan receive]:\n\ngoroutine 8 [select]:"; tb.failure != want {
		t.Errorf("got %q", tb.failure)
	}
	tb.failure = ""
	if report(&tb, nil); tb.failure != "" {
		t.Errorf("got %q", tb.failure)
	}
}

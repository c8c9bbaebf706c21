package conform

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/autobahn"
)

func results(agent string, ids ...string) (all []*autobahn.Result) {
	for _, id := range ids {
		all = append(all, &autobahn.Result{Agent: agent, Case: id, Behavior: autobahn.OK, BehaviorClose: autobahn.OK})
	}
	return all
}

func show(o Options, rs []*autobahn.Result) string {
	var b strings.Builder
	o.Progress = &b
	cases, err := autobahn.Select(autobahn.Cases(), []string{"4.1.*", "10.*"}, nil)
	if err != nil {
		panic(err)
	}
	p := newProgress(o, cases)
	for _, r := range rs {
		p.add(r)
	}
	p.end()
	return b.String()
}

func TestProgressIsALineForEachSectionThatIsDone(t *testing.T) {
	rs := results("me", "4.1.1", "10.1.1", "4.1.2", "4.1.3", "4.1.4")
	rs[2].Behavior = autobahn.Failed
	if got, want := show(Options{}, rs), "me: section 10, automatic fragmentation: 1 cases, 1 OK\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	rs = append(rs, results("you", "10.1.1")...)
	rs = append(rs, results("me", "4.1.5")...)
	want := "me: section 10, automatic fragmentation: 1 cases, 1 OK\n" +
		"you: section 10, automatic fragmentation: 1 cases, 1 OK\n" +
		"me: section 4, opcodes: 5 cases, 4 OK, 1 FAILED\n"
	if got := show(Options{}, rs); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressIsABarOnATerminal(t *testing.T) {
	rs := results("me", "4.1.1", "4.1.2", "4.1.3")
	rs[1].BehaviorClose = autobahn.Unclean
	for _, width := range []int{0, 20, 60, 200} {
		got := show(Options{Terminal: true, Width: width}, rs)
		bars := strings.Split(strings.TrimPrefix(got, "\r"), "\r")
		if len(bars) != 3 || !strings.HasSuffix(got, "\n") {
			t.Fatalf("%d columns: %q, want three bars and the end of the line", width, got)
		}
		last := strings.TrimSuffix(bars[2], "\x1b[K\n")
		if !strings.HasPrefix(last, "[=") || !strings.Contains(last, "=  ") && !strings.Contains(last, "= ") || !strings.HasSuffix(last, " 3/6 4.1.3    1 failed") {
			t.Errorf("%d columns: %q", width, last)
		}
		if width >= 60 && len(last) >= width {
			t.Errorf("%d columns: the bar has %d", width, len(last))
		}
	}
}

// 4.1.* and 10.* are light; the time left follows from what is done, in the
// bubble's time.
func TestTheBarSaysHowMuchTimeIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		cases, err := autobahn.Select(autobahn.Cases(), []string{"4.1.1", "9.1.1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := newProgress(Options{Progress: &b, Terminal: true, Width: 80}, cases)
		time.Sleep(3 * time.Second)
		p.add(results("me", "4.1.1")[0])
		if got := b.String(); !strings.Contains(got, " 1/2 4.1.1    30s left") {
			t.Errorf("%q, want ten times as long for the heavy case", got)
		}
		b.Reset()
		time.Sleep(time.Minute)
		p.add(results("me", "9.1.1")[0])
		if got := b.String(); strings.Contains(got, "left") {
			t.Errorf("%q, want no time left", got)
		}
	})
}

package autobahn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/autobahn"
)

func TestSelect(t *testing.T) {
	original := func(c *autobahn.Case) bool { return !c.Ours }
	count := func(fits func(*autobahn.Case) bool) (n int) {
		for _, c := range autobahn.Cases() {
			if fits(c) {
				n++
			}
		}
		return n
	}
	section := func(number string) func(*autobahn.Case) bool {
		return func(c *autobahn.Case) bool { return c.Section() == number }
	}
	for _, c := range []struct {
		name          string
		want, without string
		n             int
	}{
		{"everything", "", "", len(autobahn.Cases())},
		{"the original's", "original", "", count(original)},
		{"a section, and not another whose number begins like it", "1.*", "", count(section("1"))},
		{"two sections", "1.*, 7.*", "", count(section("1")) + count(section("7"))},
		{"one case", "7.1.3", "", 1},
		{"a section without a part", "7.*", "7.7.*", count(section("7")) - 13},
		{"everything but ours", "", "ours", count(original)},
	} {
		got, err := autobahn.Select(autobahn.Cases(), patterns(c.want), patterns(c.without))
		if err != nil || len(got) != c.n {
			t.Errorf("%s: %d cases, %v; want %d", c.name, len(got), err, c.n)
		}
	}
	for _, p := range []string{"99.*", "7.1", "7.1.3.*", "", "(", "OK"} {
		if _, err := autobahn.Select(autobahn.Cases(), []string{p}, nil); err == nil || !strings.Contains(err.Error(), "fits no case") {
			t.Errorf("pattern %q: %v, want that it fits no case", p, err)
		}
	}
}

func patterns(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func TestExpected(t *testing.T) {
	x, err := autobahn.ParseExpected(strings.NewReader(`
		# a comment
		6.*, FAILED, FAILED
		6.4.*, NON-STRICT     # more exactly
		7.1.6, INFORMATIONAL, INFORMATIONAL
	`))
	if err != nil {
		t.Fatal(err)
	}
	result := func(id string, behavior, closing autobahn.Behavior) *autobahn.Result {
		return &autobahn.Result{Case: id, Behavior: behavior, BehaviorClose: closing}
	}
	lines := x.Differences([]*autobahn.Result{
		result("1.1.1", autobahn.OK, autobahn.OK),
		result("1.1.2", autobahn.Failed, autobahn.OK),
		result("6.3.1", autobahn.Failed, autobahn.Failed),
		result("6.3.2", autobahn.OK, autobahn.OK),
		result("6.4.1", autobahn.NonStrict, autobahn.OK),
		result("7.1.6", autobahn.Informational, autobahn.Informational),
	})
	var ids []string
	for _, line := range lines {
		id, _, _ := strings.Cut(line, ":")
		ids = append(ids, id)
	}
	if !slices.Equal(ids, []string{"1.1.2", "6.3.2"}) {
		t.Errorf("differences: %q, want 1.1.2 and 6.3.2", lines)
	}
	for _, bad := range []string{"6.*", "99.*, OK", "6.*, FINE", "6.*, OK, FINE", "6.*, OK, OK, OK"} {
		if _, err := autobahn.ParseExpected(strings.NewReader("\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v, want an error about line 2", bad, err)
		}
	}
}

package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/autobahn"
)

func result(id string, behavior, closing autobahn.Behavior) *autobahn.Result {
	return &autobahn.Result{Case: id, Behavior: behavior, BehaviorClose: closing}
}

func TestExpectedResultsAreWrittenByPart(t *testing.T) {
	results := []*autobahn.Result{
		result("2.1", autobahn.OK, autobahn.OK),
		result("2.2", autobahn.Failed, autobahn.OK),
		result("6.3.1", autobahn.Failed, autobahn.Failed),
		result("6.3.2", autobahn.Failed, autobahn.Failed),
		result("6.4.1", autobahn.NonStrict, autobahn.OK),
		result("6.4.2", autobahn.OK, autobahn.OK),
		result("12.1.1", autobahn.OK, autobahn.OK),
	}
	got := expectedOf(results)
	if want := "2.2, FAILED\n6.3.*, FAILED, FAILED\n6.4.1, NON-STRICT\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	expected, err := autobahn.ParseExpected(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if lines := expected.Differences(results); len(lines) > 0 {
		t.Errorf("what was written differs from the results: %q", lines)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	printTable(&b, []run{{
		peer: &peer{label: "one", version: func() string { return "v1" }}, role: "server",
		results: []*autobahn.Result{
			result("1.1.1", autobahn.OK, autobahn.OK), result("6.4.1", autobahn.NonStrict, autobahn.OK),
			result("7.13.1", autobahn.Informational, autobahn.Informational), result("21.1.1", autobahn.Failed, autobahn.Failed),
		},
	}})
	if want := "| one | v1 | server | 2 good, 1 not strict | 0 good, 1 **failed** | 6.4, 21.1 |\n"; !strings.HasSuffix(b.String(), want) {
		t.Errorf("got %s, want %s at the end", b.String(), want)
	}
}

// Every peer that the suite is run on has a file for each role, which ParseExpected takes.
func TestExpectedFilesAreComplete(t *testing.T) {
	t.Chdir("..")
	for _, p := range peers {
		for _, role := range []string{"server", "client"} {
			if p.unjudged || !p.has(role) {
				continue
			}
			if _, err := (options{}).compare(run{peer: p, role: role}); err != nil {
				t.Error(err)
			}
		}
	}
}

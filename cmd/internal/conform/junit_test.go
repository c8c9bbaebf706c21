package conform

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/wirews/wirews/autobahn"
)

func TestJUnitHasASuiteForEachSectionAndAFailureForEachObjection(t *testing.T) {
	rs := results("it <&>", "1.1.1", "7.1.1", "7.1.6", "12.1.1")
	rs[1].Behavior, rs[1].Why, rs[1].Received = autobahn.Failed, "too late", []string{"text \x00"}
	rs[2].Behavior, rs[2].BehaviorClose = autobahn.Informational, autobahn.Informational
	rs[3].Behavior, rs[3].Why = autobahn.Unimplemented, "not agreed"
	expected, err := autobahn.ParseExpected(strings.NewReader("7.1.1, FAILED\n7.1.6, INFORMATIONAL, INFORMATIONAL\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		expected *autobahn.Expected
		failed   []string
	}{
		{"verdicts", nil, []string{"7.1.1"}},
		{"differences", &expected, []string{"12.1.1"}},
	} {
		name := filepath.Join(t.TempDir(), "junit.xml")
		if err := writeJUnit(name, rs, c.expected); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var got junit.Testsuites
		if err := xml.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v in %s", c.name, err, b)
		}
		var failed []string
		for _, suite := range got.Suites {
			for _, one := range suite.Testcases {
				if one.Failure != nil {
					id, _, _ := strings.Cut(one.Name, " ")
					failed = append(failed, id)
				}
			}
		}
		if got.Tests != 4 || len(got.Suites) != 3 || got.Failures != len(c.failed) || strings.Join(failed, " ") != strings.Join(c.failed, " ") {
			t.Errorf("%s: %d tests in %d suites, %v failed; want %v\n%s", c.name, got.Tests, len(got.Suites), failed, c.failed, b)
		}
	}
}

package conform

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/plain"
)

// writeJUnit writes the results as JUnit XML, which CI systems show: a suite for
// each agent and section. With expectations a failure is what differs from them.
func writeJUnit(name string, results []*autobahn.Result, expected *autobahn.Expected) error {
	cases := make(map[string]*autobahn.Case)
	for _, c := range autobahn.Cases() {
		cases[c.ID] = c
	}
	var suites []*junit.Testsuite
	took := make(map[*junit.Testsuite]time.Duration)
	byName := make(map[string]*junit.Testsuite)
	for _, r := range results {
		c := cases[r.Case]
		title := fmt.Sprintf("%s: section %s, %s", r.Agent, c.Section(), autobahn.SectionTitle(c.Section()))
		suite := byName[title]
		if suite == nil {
			suite = &junit.Testsuite{Name: title, ID: len(suites)}
			suite.SetTimestamp(r.Started.UTC())
			byName[title] = suite
			suites = append(suites, suite)
		}
		suite.AddTestcase(testcase(r, c, expected))
		took[suite] += r.Duration
	}
	var all junit.Testsuites
	all.Name = "WebSocket conformance"
	for _, suite := range suites {
		suite.Time = seconds(took[suite])
		all.AddSuite(*suite)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := all.WriteXML(f); err != nil {
		return err
	}
	return f.Close()
}

// testcase is a result in JUnit's words.
func testcase(r *autobahn.Result, c *autobahn.Case, expected *autobahn.Expected) junit.Testcase {
	t := junit.Testcase{Name: r.Case + " " + c.Sends, Classname: r.Agent, Time: seconds(r.Duration)}
	message := objection(r, expected)
	switch {
	case message != "":
		t.Failure = &junit.Result{
			Message: message, Type: string(r.Behavior),
			Data: plain.Text(fmt.Sprintf("%s\nExpected: %s\nReceived: %s", c.Explain(), strings.Join(r.Expected, "; "), strings.Join(r.Received, "; "))), // XML has no place for most control characters
		}
	case r.Behavior == autobahn.Unimplemented:
		t.Skipped = &junit.Result{Message: r.Why}
	case r.Behavior != autobahn.OK:
		t.SystemOut = &junit.Output{Data: string(r.Behavior)}
	}
	return t
}

// objection returns what speaks against the peer, or differs from what is
// expected; "" for nothing.
func objection(r *autobahn.Result, expected *autobahn.Expected) string {
	switch {
	case expected != nil:
		return strings.Join(expected.Differences([]*autobahn.Result{r}), "; ")
	case r.Passed():
		return ""
	}
	return fmt.Sprintf("%s: %s, closing %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

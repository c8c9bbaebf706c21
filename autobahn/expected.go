package autobahn

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Expected are the verdicts that a peer is known to get. The zero value expects
// OK everywhere.
type Expected struct{ rules []expectedRule }

type expectedRule struct {
	line                    int
	fits                    func(*Case) bool
	behavior, behaviorClose Behavior
}

// ParseExpected reads expected verdicts, a line for each pattern: the pattern,
// the verdict on the behavior, and the one on the closing if it is not OK, with
// commas between. The last line that fits a case counts; a case that none fits
// is expected to be OK. What follows # is a comment.
//
//	7.1.6,  INFORMATIONAL, INFORMATIONAL
//	6.4.*,  NON-STRICT             # checks UTF-8 when the message is complete
func ParseExpected(r io.Reader) (x Expected, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		words := strings.Split(line, ",")
		for i := range words {
			words[i] = strings.TrimSpace(words[i])
		}
		if len(words) == 2 {
			words = append(words, string(OK))
		}
		if len(words) != 3 {
			return x, fmt.Errorf("autobahn: expected results, line %d: %q; want a pattern, a verdict and perhaps one on the closing", n, line)
		}
		rule := expectedRule{n, fitting(words[0]), Behavior(words[1]), Behavior(words[2])}
		if !slices.ContainsFunc(allCases(), rule.fits) {
			return x, fmt.Errorf("autobahn: expected results, line %d: pattern %q fits no case", n, words[0])
		}
		if !slices.Contains(behaviors, rule.behavior) || !slices.Contains(closeBehaviors, rule.behaviorClose) {
			return x, fmt.Errorf("autobahn: expected results, line %d: no verdict %q", n, strings.Join(words[1:], ", "))
		}
		x.rules = append(x.rules, rule)
	}
	return x, lines.Err()
}

var (
	behaviors      = []Behavior{OK, NonStrict, Informational, Unimplemented, Failed}
	closeBehaviors = []Behavior{OK, Informational, Failed, Unclean, WrongCode, FailedByClient}
)

// Of returns the verdicts that are expected of a case.
func (x Expected) Of(c *Case) (behavior, behaviorClose Behavior) {
	for _, rule := range slices.Backward(x.rules) {
		if rule.fits(c) {
			return rule.behavior, rule.behaviorClose
		}
	}
	return OK, OK
}

// Differences returns a line for each result that is not as expected.
func (x Expected) Differences(results []*Result) (lines []string) {
	for _, r := range results {
		behavior, behaviorClose := x.Of(find(r.Case))
		if r.Behavior != behavior || r.BehaviorClose != behaviorClose {
			line := fmt.Sprintf("%s: got %s, closing %s; want %s, closing %s", r.Case, r.Behavior, r.BehaviorClose, behavior, behaviorClose)
			if r.Why != "" {
				line += fmt.Sprintf(" (%s)", r.Why)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

package autobahn

import (
	"fmt"
	"regexp"
	"strings"
)

// Select returns those cases that one of the patterns in want fits, and none of
// those in without, in their order. A pattern is a number such as 7.1.3, or one
// with *, which stands for anything: 7.*, 6.4.*. The words "original" and "ours"
// are patterns too. No patterns in want stand for all cases. A pattern that fits
// no case is an error.
func Select(cases []*Case, want, without []string) (selected []*Case, err error) {
	in, err := matcher(cases, want)
	if err != nil {
		return nil, err
	}
	out, err := matcher(cases, without)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		if (len(want) == 0 || in(c)) && !out(c) {
			selected = append(selected, c)
		}
	}
	return selected, nil
}

// matcher returns what reports whether one of the patterns fits a case.
func matcher(cases []*Case, patterns []string) (func(*Case) bool, error) {
	var each []func(*Case) bool
	for _, p := range patterns {
		p = strings.TrimSpace(p)
		fits := fitting(p)
		any := p == "original" || p == "ours"
		for _, c := range cases {
			any = any || fits(c)
		}
		if !any {
			return nil, fmt.Errorf("autobahn: pattern %q fits no case; want a number as 7.1.3, a pattern as 7.*, original or ours", p)
		}
		each = append(each, fits)
	}
	return func(c *Case) bool {
		for _, fits := range each {
			if fits(c) {
				return true
			}
		}
		return false
	}, nil
}

func fitting(pattern string) func(*Case) bool {
	switch pattern {
	case "original":
		return func(c *Case) bool { return !c.Ours }
	case "ours":
		return func(c *Case) bool { return c.Ours }
	}
	all := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
	return func(c *Case) bool { return all.MatchString(c.ID) }
}

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// checkNotNegative: every number and duration of the command counts from zero.
func checkNotNegative(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		switch f.Value.Type() {
		case "int", "int64", "float64", "duration":
			if v := f.Value.String(); err == nil && strings.HasPrefix(v, "-") {
				err = fmt.Errorf("--%s must not be negative: %s", f.Name, v)
			}
		}
	})
	return err
}

// given returns those flags that were given.
func given(flags *pflag.FlagSet, names []string) (all []string) {
	for _, name := range names {
		if flags.Changed(name) {
			all = append(all, "--"+name)
		}
	}
	return all
}

// together: of these flags all are given, or none.
func together(flags *pflag.FlagSet, names ...string) error {
	if n := len(given(flags, names)); n > 0 && n < len(names) {
		return fmt.Errorf("--%s need each other: %s is given alone", strings.Join(names, " and --"), given(flags, names)[0])
	}
	return nil
}

// notTogether: of these flags one is given at most.
func notTogether(flags *pflag.FlagSet, names ...string) error {
	if both := given(flags, names); len(both) > 1 {
		return fmt.Errorf("give one of %s, not both: they exclude each other", strings.Join(both, " and "))
	}
	return nil
}

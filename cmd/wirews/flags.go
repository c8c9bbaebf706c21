package main

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says what is wrong with a flag in words of ours: the library has those of
// strconv.
func flagError(cmd *cobra.Command, err error) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		err = fmt.Errorf("--%s %q: want %s", bad.GetFlag().Name, bad.GetValue(), wanted(bad.GetFlag(), bad.Unwrap()))
	}
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
}

// wanted says what a flag takes; err is why it has not taken something.
func wanted(f *pflag.Flag, err error) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "duration":
		return "a duration, as 1.5s or 10m"
	case "bool":
		return "true or false"
	}
	name, _ := pflag.UnquoteUsage(f)
	return fmt.Sprintf("another %s (%v)", name, err)
}

// listenError says which flag of a command picks another address.
func listenError(flag, addr string, err error) error {
	reason := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		reason = op.Err
	}
	return fmt.Errorf("give %s another address than %s, or port 0 for a free one: %w", flag, addr, reason)
}

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

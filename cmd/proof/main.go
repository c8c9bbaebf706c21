//go:build !nobus && unix

// Command proof starts three "wirews serve" that have one chat, and breaks them under
// load: it kills nodes and brokers, has nodes stand still and cuts them off. Clients keep
// every position that they are told, and what they say about it; in the end it is checked
// that what docs/scaling-out.md guarantees has held:
//
//   - the offsets that a client gets grow, and nothing comes twice;
//   - whatever anybody was given, or has had acknowledged, a client has had too, unless it
//     was told of a gap there;
//   - all clients have the same at the same position, and the messages of one publisher in
//     the order in which they were acknowledged.
//
// With -storm it measures instead how long it takes until all clients of a node that was
// killed are back at the others.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	if addr, dir, ok := strings.Cut(os.Getenv(asBroker), " "); ok {
		if err := runBroker(addr, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	bus := flag.String("bus", "", "try only this one: "+strings.Join(buses, ", "))
	listeners := flag.Int("listeners", 10, "clients at each node that only listen")
	every := flag.Duration("every", 10*time.Millisecond, "how often each of three clients says something")
	targets := flag.Int("targets", nodes, "how many nodes are broken, one after another")
	storm := flag.Int("storm", 0, "measure with this many clients at each node, instead")
	binary := flag.String("wirews", "", "path of the command; by default it is built")
	flag.Parse()
	if *targets < 1 || *targets > nodes || *listeners < 1 || *every <= 0 || *bus != "" && !slices.Contains(buses, *bus) {
		fmt.Fprintln(os.Stderr, "proof: a flag has a value that cannot be; see -help")
		os.Exit(2)
	}
	if err := run(*bus, *binary, load{*listeners, *every}, *targets, *storm); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func run(only, binary string, l load, targets, storm int) error {
	dir, err := os.MkdirTemp("", "wirews-proof-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if binary == "" {
		if binary, err = build(dir); err != nil {
			return err
		}
	}
	if storm > 0 {
		return measureStorm(os.Stdout, binary, dir, storm)
	}
	var failed []error
	for _, bus := range buses {
		for _, f := range faults {
			if only != "" && bus != only || f.broker && bus == "cluster" {
				continue
			}
			err := inDir(dir, func(dir string) error { return tryFault(os.Stdout, bus, binary, dir, f, l, targets) })
			switch {
			case errors.Is(err, errMissing):
				fmt.Printf("%-10s %-34s not tried: %v\n", bus, f.name, err)
			case err != nil:
				failed = append(failed, fmt.Errorf("%s, %s: %w", bus, f.name, err))
			}
		}
	}
	return errors.Join(failed...)
}

// inDir calls a function with a directory of its own.
func inDir(parent string, f func(dir string) error) error {
	dir, err := os.MkdirTemp(parent, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return f(dir)
}

//go:build !nobus && unix

package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain is the broker when a world starts it as such.
func TestMain(m *testing.M) {
	if os.Getenv(asBroker) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestWhatIsGuaranteedHolds is the program in short: one node is broken in each way, with
// each bus.
func TestWhatIsGuaranteedHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: servers are started, killed, and started again")
	}
	binary, err := build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, bus := range buses {
		for _, f := range faults {
			if f.broker && bus == "cluster" {
				continue
			}
			t.Run(bus+"/"+f.name, func(t *testing.T) {
				var out strings.Builder
				err := tryFault(&out, bus, binary, t.TempDir(), f, load{2, 20 * time.Millisecond}, 1)
				if errors.Is(err, errMissing) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Log(out.String())
			})
		}
	}
}

// TestWhoIsDrivenAwayComesBack: the storm, as a small one.
func TestWhoIsDrivenAwayComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: servers are started, and one is killed")
	}
	binary, err := build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := measureStorm(&out, binary, t.TempDir(), 100); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "100 clients of a node that was killed: all are back") {
		t.Errorf("%q", out.String())
	}
}

func TestThePeakOfArrivals(t *testing.T) {
	begun := time.Now()
	var times []time.Time
	for _, ms := range []int{0, 100, 900, 1000, 1099, 5000} {
		times = append(times, begun.Add(time.Duration(ms)*time.Millisecond))
	}
	if got := peak(times); got != 4 {
		t.Errorf("%d within a second, want 4: from 100 to 1,099 ms", got)
	}
}

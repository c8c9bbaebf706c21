package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

var collected = regexp.MustCompile(`Collected : (\d+)`)

// instructions returns how many instructions this program executes that does an
// operation n times. Valgrind's processor has AVX2 and no AVX-512.
func instructions(name string, n int) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=main.runCounted", self, "-op", name, "-n", strconv.Itoa(n))
	cmd.Env = append(os.Environ(), "GOGC=off", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("valgrind: %w: %s", err, out)
	}
	m := collected.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("valgrind has not said how much it counted: %s", out)
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}

// runCounted is where callgrind counts: not where the program starts, and not
// what the scheduler does beside it.
//
//go:noinline
func runCounted(o operation, n int) { o.do(n) }

package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

// partName is the part of docs/performance.md that -page writes.
const partName = "make bench-page"

// writePart writes the tables into the page, with what they were made on.
func writePart(file, in, metrics string) error {
	var b strings.Builder
	b.WriteString(head(in, time.Now()))
	if err := everyMetric(&b, in, metrics); err != nil {
		return err
	}
	return page.Write(file, partName, b.String())
}

// head says what the tables are, and how they came about.
func head(in string, now time.Time) string {
	return fmt.Sprintf(`
## In one process

By %s, on %s: %s, %s, %s/%s. Medians; "cpu-ns/op" is the processor time of the process,
collections of garbage included. "ours" and what begins with "wirews" are this module.
`, "`"+partName+"`", now.Format("2 January 2006"), setting(in, "cpu: "), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// setting returns what a line of go test -bench says of the machine.
func setting(in, name string) string {
	for line := range strings.Lines(in) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok {
			return v
		}
	}
	return "unknown processor"
}

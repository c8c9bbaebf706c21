package bench

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeRows writes lines "name\tvalue" in two columns. On a terminal of so many columns a
// value is broken at its commas, and the first name, which is a URL, has a line of its
// own; elsewhere, for 0 columns, each row is one line.
func writeRows(out io.Writer, rows string, columns int) error {
	lines := strings.Split(strings.TrimSuffix(rows, "\n"), "\n")
	if columns > 0 {
		url, what, _ := strings.Cut(lines[0], "\t")
		for _, line := range append([]string{url}, broken(what, columns-2)...) {
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
		lines = lines[1:]
	}
	width := 0
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "\t")
		width = max(width, utf8.RuneCountInString(name))
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "\t")
		parts := []string{value}
		if columns > 0 {
			parts = broken(value, columns-width-2)
		}
		for _, part := range parts {
			if _, err := fmt.Fprintln(out, strings.TrimRight(name+strings.Repeat(" ", width-utf8.RuneCountInString(name)+2)+part, " ")); err != nil {
				return err
			}
			name = ""
		}
	}
	return nil
}

// broken breaks text at its commas into lines of that width, if it can.
func broken(text string, width int) (lines []string) {
	line := ""
	for part := range strings.SplitAfterSeq(text, ", ") {
		if line != "" && utf8.RuneCountInString(strings.TrimRight(line+part, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += part
	}
	return append(lines, line)
}

// Command table reads what go test -bench prints, of one run or of several one
// after the other, and writes it as tables: a row for each case, a column for
// each candidate, and in it the median.
//
//	for i in 1 2 3 4 5; do go test -run '^$' -bench DeflateMessages .; done | go run ./table
//
// With -page it writes its part of docs/performance.md, as make bench-page does.
//
// Several runs, and not -count, because the latter runs a candidate many times
// before the next one: what the machine does besides then hits one of them.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

func main() {
	metric := flag.String("metric", "ns/op", "the units to show, with commas between")
	file := flag.String("page", "", "`file` whose part of that is to be written anew, instead of stdout")
	flag.Parse()
	in, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	if *file == "" {
		err = everyMetric(os.Stdout, string(in), *metric)
	} else {
		err = writePart(*file, string(in), *metric)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// everyMetric writes the tables of each of the metrics.
func everyMetric(w io.Writer, in, metrics string) error {
	for _, m := range strings.Split(metrics, ",") {
		if err := tables(w, strings.NewReader(in), m); err != nil {
			return err
		}
	}
	return nil
}

// table is one benchmark. Names are in the order in which they came.
type table struct {
	name              string
	cases, candidates []string
	values            map[[2]string][]float64 // by case and candidate
}

// tables writes the benchmarks of r that have the metric.
func tables(w io.Writer, r io.Reader, metric string) error {
	var all []*table
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, value, ok := parse(lines.Text(), metric)
		if !ok {
			continue
		}
		benchmark, rest, _ := strings.Cut(name, "/")
		i := slices.IndexFunc(all, func(t *table) bool { return t.name == benchmark })
		if i < 0 {
			i = len(all)
			all = append(all, &table{name: benchmark, values: make(map[[2]string][]float64)})
		}
		all[i].add(strings.TrimSuffix(path.Dir(rest), "."), path.Base(rest), value)
	}
	for _, t := range all {
		if err := t.write(w, metric); err != nil {
			return err
		}
	}
	return lines.Err()
}

// parse returns the name of a benchmark, without the number of processors, and
// its value of the metric.
func parse(line, metric string) (name string, value float64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", 0, false
	}
	i := slices.Index(fields, metric)
	if i < 1 {
		return "", 0, false
	}
	value, err := strconv.ParseFloat(fields[i-1], 64)
	name = strings.TrimPrefix(fields[0], "Benchmark")
	if dash := strings.LastIndexByte(name, '-'); dash > 0 {
		if _, err := strconv.Atoi(name[dash+1:]); err == nil {
			name = name[:dash]
		}
	}
	return name, value, err == nil
}

func (t *table) add(row, candidate string, value float64) {
	if !slices.Contains(t.cases, row) {
		t.cases = append(t.cases, row)
	}
	if !slices.Contains(t.candidates, candidate) {
		t.candidates = append(t.candidates, candidate)
	}
	key := [2]string{row, candidate}
	t.values[key] = append(t.values[key], value)
}

func (t *table) write(w io.Writer, metric string) error {
	fmt.Fprintf(w, "\n| %s, %s | %s |\n|---|%s\n", t.name, metric,
		strings.Join(t.candidates, " | "), strings.Repeat("---:|", len(t.candidates)))
	for _, row := range t.cases {
		cells := []string{row}
		for _, candidate := range t.candidates {
			cells = append(cells, cell(t.values[[2]string{row, candidate}]))
		}
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")); err != nil {
			return err
		}
	}
	return nil
}

// cell writes the median, to the point that says something.
func cell(values []float64) string {
	if len(values) == 0 {
		return ""
	}
	slices.Sort(values)
	median := (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	if median < 10 {
		return strconv.FormatFloat(median, 'g', 3, 64)
	}
	digits := strconv.FormatFloat(median, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

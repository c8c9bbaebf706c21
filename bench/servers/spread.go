package main

import (
	"fmt"
	"slices"
)

// spread is the middle of some values, and how far they go.
type spread struct {
	median, least, most float64
	of                  int // values
}

// spreadOf returns that of values; all 0 if there are none.
func spreadOf(values []float64) spread {
	n := len(values)
	if n == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	return spread{(v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1], n}
}

// cells are the median and the most, of a table. One value has none.
func (s spread) cells() string {
	if s.of < 2 {
		return "- | -"
	}
	return fmt.Sprintf("%.0f | %.0f", s.median, s.most)
}

// values returns something of each measurement.
func values(all []measured, of func(measured) float64) (list []float64) {
	for _, m := range all {
		list = append(list, of(m))
	}
	return list
}

// ratio writes v over of, if there is such a thing.
func ratio(v, of float64) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v/of)
}

// Package measure has what the measurements of several commands and benchmarks need.
package measure

import "slices"

// Median returns the middle of values, of which there is at least one; of an even number,
// the mean of the two in the middle. The order of values stays.
func Median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

package measure

import (
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tc := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{4, 1}, 2.5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{7, 1, 2, 4}, 3},
	} {
		before := slices.Clone(tc.values)
		if got := Median(tc.values); got != tc.want || !slices.Equal(tc.values, before) {
			t.Errorf("Median(%v) = %v, want %v, and their order as it was: %v", before, got, tc.want, tc.values)
		}
	}
}

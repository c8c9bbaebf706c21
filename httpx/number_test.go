package httpx_test

import (
	"math"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestParseUint(t *testing.T) {
	tests := []struct {
		name string
		in   string
		max  int
		want int
		ok   bool
	}{
		{"zero", "0", 9, 0, true},
		{"below max", "14", 15, 14, true},
		{"max", "15", 15, 15, true},
		{"above max", "16", 15, 0, false},
		{"leading zeros", "00015", 15, 15, true},
		{"max zero", "0", 0, 0, true},
		{"above max zero", "1", 0, 0, false},
		{"max below the digit", "9", 5, 0, false},
		{"negative max", "0", -1, 0, false},
		{"lowest max", "0", math.MinInt, 0, false},
		{"nothing", "", 9, 0, false},
		{"sign", "+1", 9, 0, false},
		{"minus", "-1", 9, 0, false},
		{"space", " 1", 9, 0, false},
		{"H5: byte behind 9", "1?", 99, 0, false},
		{"W20: colon", "0:1", 999, 0, false},
		{"byte before 0", "1/", 99, 0, false},
		{"letter", "1a", 99, 0, false},
		{"H5: 2^64+101", "18446744073709551717", math.MaxInt, 0, false},
		{"H5: 2^64", "18446744073709551616", 999, 0, false},
		{"highest number on 32 bits", "2147483647", math.MaxInt32, math.MaxInt32, true},
		{"above it", "2147483648", math.MaxInt32, 0, false},
		{"far above it", "21474836470", math.MaxInt32, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := httpx.ParseUint([]byte(tt.in), tt.max)
			if !tt.ok {
				wantSyntaxError(t, err, "number")
			} else if err != nil {
				t.Error(err)
			}
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

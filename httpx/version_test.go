package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestVersionAtLeast(t *testing.T) {
	tests := []struct {
		v            httpx.Version
		major, minor byte
		want         bool
	}{
		{httpx.Version{Major: 1, Minor: 1}, 1, 1, true},
		{httpx.Version{Major: 1, Minor: 2}, 1, 1, true},
		{httpx.Version{Major: 1, Minor: 0}, 1, 1, false},
		{httpx.Version{Major: 2, Minor: 0}, 1, 1, true},
		{httpx.Version{Major: 0, Minor: 9}, 1, 0, false},
		{httpx.Version{}, 0, 0, true},
	}
	for _, tt := range tests {
		if got := tt.v.AtLeast(tt.major, tt.minor); got != tt.want {
			t.Errorf("%v.AtLeast(%d, %d) = %v, want %v", tt.v, tt.major, tt.minor, got, tt.want)
		}
	}
}

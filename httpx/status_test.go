package httpx_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestStatusTextIsTheRegisteredOne(t *testing.T) {
	// RFC 9110 has renamed what net/http still calls by its name in RFC 7231.
	renamed := map[int]string{413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
	for status := range 1000 {
		got := httpx.StatusText(status)
		if got == "" {
			continue
		}
		want := http.StatusText(status)
		if name, ok := renamed[status]; ok {
			want = name
		}
		if got != want {
			t.Errorf("StatusText(%d) = %q, want %q", status, got, want)
		}
	}
}

func ExampleStatusText() {
	fmt.Printf("%q %q\n", httpx.StatusText(426), httpx.StatusText(299))
	// Output: "Upgrade Required" ""
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

func TestTables(t *testing.T) {
	const in = `goos: linux
BenchmarkA/write/1024/ours-2 	 100	   1500 ns/op	 0.25 ratio	 0 allocs/op
BenchmarkA/write/1024/theirs-2 	 100	   1234567.5 ns/op	 2 allocs/op
BenchmarkA/write/1024/ours-2 	 100	   1000 ns/op	 0.25 ratio	 0 allocs/op
BenchmarkA/write/1024/ours-2 	 100	   9000 ns/op	 0.25 ratio	 0 allocs/op
BenchmarkA/read-x/ours 	 100	   7 ns/op	 1 allocs/op
BenchmarkB/ours-2 	 100	   20 ns/op
BenchmarkB/theirs-2 	 100	   10 ns/op
BenchmarkB/theirs-2 	 100	   15 ns/op
PASS
ok  	pkg	1.5s
`
	for metric, want := range map[string]string{
		"ns/op": `
| A, ns/op | ours | theirs |
|---|---:|---:|
| write/1024 | 1,500 | 1,234,568 |
| read-x | 7 |  |

| B, ns/op | ours | theirs |
|---|---:|---:|
|  | 20 | 12 |
`,
		"ratio": `
| A, ratio | ours |
|---|---:|
| write/1024 | 0.25 |
`,
	} {
		var out strings.Builder
		if err := tables(&out, strings.NewReader(in), metric); err != nil || out.String() != want {
			t.Errorf("%s: %v\n%s", metric, err, out.String())
		}
	}
}

func TestThePageGetsAPartWithEveryMetric(t *testing.T) {
	const in = "goos: linux\ncpu: A Processor\nBenchmarkA/x/ours-2 \t 100\t 1500 ns/op\t 2 allocs/op\nPASS\n"
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("above\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second one replaces the first
		if err := writePart(file, in, "ns/op,allocs/op"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, ok := page.Get(string(b), partName)
	for _, want := range []string{"A Processor", "| A, ns/op | ours |\n|---|---:|\n| x | 1,500 |\n", "| A, allocs/op | ours |\n|---|---:|\n| x | 2 |\n"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not there once", want)
		}
	}
	if !ok || !strings.HasPrefix(string(b), "above\n\n<!-- begin: make bench-page -->\n") || strings.Count(string(b), "begin:") != 1 {
		t.Errorf("got\n%s", b)
	}
}

func TestThePartSaysWhenAndWhereItWasMade(t *testing.T) {
	got := head("cpu: A Processor\n", time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC))
	if !strings.Contains(got, "on 28 November 2026: A Processor, go1.") || strings.Contains(got, "%!") {
		t.Errorf("got %s", got)
	}
	if got := head("", time.Time{}); !strings.Contains(got, "unknown processor") {
		t.Errorf("got %s", got)
	}
}

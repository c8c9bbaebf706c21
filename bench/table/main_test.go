package main

import (
	"strings"
	"testing"
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

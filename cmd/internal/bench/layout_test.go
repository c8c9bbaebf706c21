package bench

import (
	"strings"
	"testing"
)

func TestRowsKeepToTheColumnsOfATerminal(t *testing.T) {
	const rows = "ws://localhost:8080/echo\t1 connection, 1 in flight, 128 bytes\nmessages\t5\nlatency\tp50 1ms, p90 2ms, p99 3ms, ümlaut µs\n\tan example\n"
	for columns, want := range map[int]string{
		0: `ws://localhost:8080/echo  1 connection, 1 in flight, 128 bytes
messages                  5
latency                   p50 1ms, p90 2ms, p99 3ms, ümlaut µs
                          an example
`,
		28: `ws://localhost:8080/echo
1 connection, 1 in flight,
128 bytes
messages  5
latency   p50 1ms, p90 2ms,
          p99 3ms, ümlaut µs
          an example
`,
		1: `ws://localhost:8080/echo
1 connection,
1 in flight,
128 bytes
messages  5
latency   p50 1ms,
          p90 2ms,
          p99 3ms,
          ümlaut µs
          an example
`,
	} {
		var got strings.Builder
		if err := writeRows(&got, rows, columns); err != nil || got.String() != want {
			t.Errorf("%d columns: %v\n%s\nwant\n%s", columns, err, got.String(), want)
		}
	}
}

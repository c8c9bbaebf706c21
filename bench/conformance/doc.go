// Command conformance tests implementations of WebSocket with the package
// autobahn: ours on each level of the API, and peers in Go, Node and Python.
// Each is compared with the results that are expected of it, which stand in the
// directory expected: a line for each pattern of cases, as
// autobahn.ParseExpected reads it. The status is 1 if there is a difference.
//
//	go run ./conformance                             # everything
//	go run ./conformance -peers wsutil -role server
//	go run ./conformance -cases 1.*,7.* -report /tmp/report
//	go run ./conformance -table                      # the table of docs/conformance.md
//	go run ./conformance -update                     # what is expected, anew
//	go run ./conformance serve -limit 1048576 wsutil # be that server, to be attacked by bench/attack
package main

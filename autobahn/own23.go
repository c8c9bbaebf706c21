package autobahn

import "fmt"

// Section 23: close codes.

// laterCodes are those that were registered after RFC 6455, and what lies beyond
// the ranges.
func laterCodes() part {
	var cases []Case
	for _, code := range []int{1012, 1013, 1014} {
		cases = append(cases, closes(fmt.Sprintf("close %d, which is registered", code), fmt.Sprintf("OK: a close frame with %d, 1000 or no code", code), answered(1000, code), closeFrame{code: code}))
	}
	for _, code := range []int{1015, 1017, 5000, 65535} {
		cases = append(cases, closes(fmt.Sprintf("close %d, which must not be sent", code), "OK: a close frame with 1002 or no code, or the end of TCP", unclean(1002), closeFrame{code: code}))
	}
	return part{"23.1", "close codes of the registry, and beyond it", "RFC 6455, 7.4; the IANA registry of close codes", ours(cases...)}
}

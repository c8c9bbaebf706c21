package ws

import "slices"

// SelectEqual returns a function for HTTPUpgrader.Protocol that accepts v and
// nothing else.
func SelectEqual(v string) func(string) bool {
	return func(p string) bool { return p == v }
}

// SelectFromSlice returns a function for HTTPUpgrader.Protocol that accepts
// the elements of accept, which is not copied.
func SelectFromSlice(accept []string) func(string) bool {
	return func(p string) bool { return slices.Contains(accept, p) }
}

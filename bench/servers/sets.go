package main

import (
	"maps"
	"slices"
	"strings"
)

// set is a choice of cells, of servers that are measured in them, and the part of
// docs/performance.md that they make.
type set struct {
	part  string // its name: the command that makes it
	cells []cell
	only  []string // names of the servers; nil: all
	write func([]byte, *results) []byte
}

// has reports whether a server is measured in the set.
func (s set) has(of server) bool { return s.only == nil || slices.Contains(s.only, of.name) }

// sets are all, by what -set calls them.
var sets = map[string]set{
	"":       {part: partName, cells: cells, write: appendPage},
	"public": {part: "make bench-public", cells: publicCells, only: publicServers, write: appendPublic},
	"tls":    {part: "make bench-tls", cells: secureCells, only: secureServers, write: appendSecure},
}

func setNames() string {
	return strings.TrimPrefix(strings.Join(slices.Sorted(maps.Keys(sets)), " "), " ")
}

// appendVersions appends the versions of the libraries, in one paragraph.
func appendVersions(b []byte, r *results) []byte {
	var list []string
	for _, m := range r.setup.Modules {
		list = append(list, m.Path+" "+m.Version)
	}
	return appendText(b, "%s", "Versions: "+strings.Join(list, ", ")+".")
}

// Package release rehearses what users do with a release before there is one:
// its test packs the modules as a version of them would be, serves them from a
// directory in the form of a module proxy, and runs "go install" against that.
package release

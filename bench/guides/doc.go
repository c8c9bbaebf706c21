// Package guides holds docs/go-version.md and docs/migrating-from-gws.md, -hertz.md and
// -nbio.md against what they say: their programs run and say the same, their tables
// name every identifier, and what they say of both libraries is tried on both.
package guides

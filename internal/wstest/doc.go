// Package wstest holds the tools that the tests of this module share: a
// scripted connection, a feeder that splits input everywhere, a peer that
// breaks the rules on purpose, and requests as browsers and libraries send
// them. It imports nothing of this module.
package wstest

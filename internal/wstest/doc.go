// Package wstest holds the tools that the tests of this module share: a
// scripted connection, a feeder that splits input everywhere, a peer that
// breaks the rules on purpose, and requests as browsers and libraries send
// them. Package websocket/wstest is what users have of it. It imports nothing of
// this module.
package wstest

// Package attack is the command "wirews attack": it does to a WebSocket server
// what those do who want to hurt it, one attack after the other, and judges each
// by what the server has answered, by whether it served others meanwhile, and, if
// it may look at the process, by what that has spent.
//
// An attack is data: a row of a table, one table for each family. Sockets and
// bytes are this package's own; nothing of what it attacks is used to attack it.
//
// A new attack is a row in the table of its family (a new family also one in families),
// a function that returns a finding, t.held.Add for what it has a server keep, and a
// row of weaknesses in the tests: which weakServer falls for it, and by what words.
package attack

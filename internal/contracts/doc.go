// Package contracts runs connections that break the contracts of io.Reader,
// io.Writer and net.Conn against everything in this module that reads from
// one or writes to one. It has tests only: each row of a table is a shell, and
// each fault of wstest is tried at each place. What comes of it has to be an
// error of a known type, within a bounded number of calls.
package contracts

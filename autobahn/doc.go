// Package autobahn tests WebSocket implementations of any make: the cases of
// the Autobahn test suite, with their numbers and their verdicts, and further
// sections of our own.
//
// A [Client] is the fuzzing client, which tests a server that echoes: every
// data message comes back with its type. A [Server] is the fuzzing server,
// which tests clients that echo; it speaks the protocol of the original, so
// that clients written for that work with it unchanged. Both return a [Result]
// for each [Case], which a [Report] gathers and writes.
//
// The suite shares no code with what it tests: frames, the opening handshake
// and the checks are its own, and compression is compress/flate. Its codec can
// break every rule.
//
// # Verdicts
//
// A result has two: [Result.Behavior] on what the peer did with what it got,
// and [Result.BehaviorClose] on how the connection ended. [Result.Passed] says
// whether neither speaks against the peer.
//
// # Concurrency
//
// Cases run at once, each on a connection of its own. Those that move much data
// wait until those that measure time are done.
//
// # Limitations
//
// The data of sections 12 and 13 are generated, because the original's files
// are not ours to pass on: sizes, counts and offers are the original's.
package autobahn

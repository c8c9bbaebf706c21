// Package endpoint has what every connection needs above package wsproto and
// nobody should write twice. It does no I/O and knows no clock, lock or
// goroutine: a shell receives, sends, waits and locks, and asks an endpoint what
// to do.
//
//	Inbox   what has been received and not been taken, as pieces or whole messages
//	Outbox  what waits to be sent, and when it is time to send it
//	Queue   messages before that, if the peer is slow: how many, and which are dropped
//	Ending  how a connection ends: who began it, why, and what is known of it since
//	Alive   whether the peer still is: when to ping it, and when it counts as gone
//	Bucket  how often something may happen
//	Pace    how much the peer may send over time
//	Tally   what was received or sent, for whoever counts
//
// The shells are wsutil.Stream (one goroutine, io), websocket.Conn (locks,
// contexts, one transport) and event loops.
//
// # Memory
//
// An Inbox and an Outbox borrow memory from package bufpool when there is
// something to keep, and give it back when there is not.
//
// # Concurrency
//
// None of the types may be used by two goroutines at once. Each is independent of
// the others, so that a shell can guard each by a lock of its own.
package endpoint

// Package rawio reads and writes sockets that do not block, inside the
// callbacks of a syscall.RawConn. Where it can, it does so without telling the
// scheduler, which is right for calls that return at once: it saves about a
// hundred nanoseconds a call.
//
// One thing it has to know of: that a goroutine runs again which the network poller of
// the runtime has woken. While nothing runs, the scheduler's monitor sleeps, which
// takes the processor from goroutines that run for long, and looks at the network
// while nobody else does. The poller does not wake it. As long as it sleeps, a
// goroutine that computes holds up all that wait for the network, even if there are
// other processors. So the first call after a wait is one that the scheduler is told
// of, which wakes the monitor, unless an alarm keeps that from sleeping for long.
package rawio

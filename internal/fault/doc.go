// Package fault lets tests make the system calls of the transports fail, one at a
// time. Programs that are built without the tag faults have nothing of it: Before is
// a constant then, and the compiler drops what follows from it.
package fault

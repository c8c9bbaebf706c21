package wsproto

import "time"

// KeepAlive finds out whether a silent peer is still there. Any received byte is
// a sign of life; silence counts only while a read is waiting.
type KeepAlive struct {
	// Interval is how long the peer may be silent before it is sent a ping. Zero:
	// no pings are sent.
	Interval time.Duration
	// Timeout is how long it may stay silent after that before the connection is
	// ended. Zero: as Interval.
	Timeout time.Duration
}

//go:build linux

package main

import "time"

// Options bounds what clients may cost. A zero field means none, and not
// something sensible: begin with DefaultOptions.
type Options struct {
	// Handshake is how long a client may take for its request.
	Handshake time.Duration
	// Stall is how long a client may not read what is sent to it.
	Stall time.Duration
	// Linger is how long a client may take to close its side.
	Linger time.Duration
	// Sweep is how often these are looked at.
	Sweep time.Duration
	// MaxHead is the longest request head in bytes.
	MaxHead int
	// MaxMessage is the longest message in bytes.
	MaxMessage int64
	// MaxConns is the number of connections; further ones wait in the
	// listener's queue.
	MaxConns int
}

// DefaultOptions returns what a small server can afford.
func DefaultOptions() Options {
	return Options{
		Handshake:  10 * time.Second,
		Stall:      30 * time.Second,
		Linger:     5 * time.Second,
		Sweep:      time.Second,
		MaxHead:    16 << 10,
		MaxMessage: 16 << 20,
		MaxConns:   100_000,
	}
}

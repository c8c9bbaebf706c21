//go:build !linux

package process

import (
	"errors"
	"time"
)

var errNoProcess = errors.New("the figures of a process can be read on Linux only")

// UsageOf returns an error.
func UsageOf(int) (Usage, error) { return Usage{}, errNoProcess }

// MemoryOf returns an error.
func MemoryOf(int) (Memory, error) { return Memory{}, errNoProcess }

// HandlesOf returns an error.
func HandlesOf(int) (Handles, error) { return Handles{}, errNoProcess }

// Busy returns 0.
func Busy() int64 { return 0 }

// RaiseLimit returns 0: it changes nothing.
func RaiseLimit() int { return 0 }

// Pause waits for so long.
func Pause(d time.Duration) { time.Sleep(d) }

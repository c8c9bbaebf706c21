//go:build !linux

package bench

import (
	"errors"
	"time"
)

var errNoProcess = errors.New("the figures of a process can be read on Linux only")

func usageOf(int) (usage, error)   { return usage{}, errNoProcess }
func memoryOf(int) (memory, error) { return memory{}, errNoProcess }
func busy() int64                  { return 0 }
func raiseLimit() int              { return 0 }
func pause(d time.Duration)        { time.Sleep(d) }

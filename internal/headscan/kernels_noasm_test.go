//go:build !amd64 || !gc || purego

package headscan

func vectorKernels() []kernel { return nil }

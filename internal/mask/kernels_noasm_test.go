//go:build (!amd64 && !arm64) || !gc || purego

package mask

func vectorKernels() []kernel { return nil }

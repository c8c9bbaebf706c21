//go:build (!amd64 && !arm64) || !gc || purego

package utf8check

func vectorKernels() []kernel { return nil }

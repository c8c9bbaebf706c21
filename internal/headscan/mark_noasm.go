//go:build !amd64 || !gc || purego

package headscan

// Fast reports whether Mark is faster than looking at byte for byte of what is
// there.
const Fast = false

func mark(b []byte, token, text []uint64) { markBytes(b, token, text) }

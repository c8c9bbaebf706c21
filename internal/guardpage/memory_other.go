//go:build !linux

package guardpage

import "testing"

// Memory returns at least size bytes. Only on Linux are they guarded.
func Memory(t testing.TB, size int) []byte { return make([]byte, size) }

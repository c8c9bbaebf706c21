//go:build gc && !purego

package utf8check

func vectorKernels() []kernel {
	return []kernel{{"NEON", 32, false, func(p []byte) int { return prefixNEON(&p[0], len(p)) }}}
}

//go:build gc && !purego

package utf8check

import "golang.org/x/sys/cpu"

func vectorKernels() []kernel {
	return []kernel{
		{"vector", minVector, !useVector, func(p []byte) int { return prefixVector(&p[0], len(p)) }},
		{"SSSE3", 19, !cpu.X86.HasSSSE3, func(p []byte) int { return prefixSSSE3(&p[0], len(p)) }},
		{"AVX2", 35, !cpu.X86.HasAVX2, func(p []byte) int { return prefixAVX2(&p[0], len(p)) }},
	}
}

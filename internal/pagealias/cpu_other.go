//go:build !linux || !amd64 || purego

package pagealias

func affected() bool { return false }

//go:build !linux

package wspoll

import "syscall"

const canReusePort = false

func reusePort(_, _ string, _ syscall.RawConn) error { return nil }

//go:build !linux

package bench

import (
	"errors"
	"net/netip"
)

const haveEpoll = false

func newLoop(*shared, []int, *recorder, netip.AddrPort) (driver, error) {
	return nil, errors.New("there is no epoll here")
}

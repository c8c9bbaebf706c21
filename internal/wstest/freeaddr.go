package wstest

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
)

// FreeAddr returns an address of this machine where nobody listens, for servers that
// cannot be given a listener, or come back to where they were. Its port is below those
// that kernels give to whoever asks for any, and to outgoing connections: a client that
// waits for the server would else take the port from it by chance, even one that tries
// to reach it there.
func FreeAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	addr, err := FindFreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// FindFreeAddr is FreeAddr for programs that try others.
func FindFreeAddr() (addr netip.AddrPort, err error) {
	for range 1000 {
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(10_000+rand.IntN(20_000)))
		var l net.Listener
		if l, err = net.Listen("tcp", addr.String()); err == nil {
			return addr, l.Close()
		}
	}
	return addr, err
}

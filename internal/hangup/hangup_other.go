//go:build !linux

package hangup

// Watch is a socket that is watched.
type Watch struct{}

// Begin reports false: it is not possible on this system.
func Begin(uintptr, Listener) (Watch, bool) { return Watch{}, false }

// End is not to be called.
func (Watch) End(uintptr) {}

// Forget is not to be called.
func (Watch) Forget() {}

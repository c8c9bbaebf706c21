//go:build linux && !wspoll_goroutines

package wspoll

// newPoller returns the poller that loops have.
func newPoller() (poller, error) { return newEpoll() }

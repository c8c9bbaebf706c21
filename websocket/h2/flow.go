package h2

// maxWindow is the largest window of flow control (RFC 9113, section 6.9.1).
const maxWindow = 1<<31 - 1

// initialWindow is that of streams and connections before anybody says otherwise.
const initialWindow = 1<<16 - 1

// window is what may still be sent, of a stream or a connection. SETTINGS can make
// that of a stream negative.
type window int64

// grow adds n, and reports whether the window is allowed to be so large.
func (w *window) grow(n int64) bool {
	*w += window(n)
	return *w <= maxWindow
}

// credit is a window that is granted to the server.
type credit struct {
	size int // of the window when nothing is under way
	left int // what the server may still send
	owed int // what has been taken, and not been granted again
}

// take notes that n bytes have come, and reports whether they were allowed.
func (c *credit) take(n int) bool {
	c.left -= n
	return c.left >= 0
}

// give notes that n bytes need no room any more. It returns what is to be granted by
// a WINDOW_UPDATE now, or 0: half of the window at a time.
func (c *credit) give(n int) int {
	c.owed += n
	if c.owed < c.size/2 {
		return 0
	}
	granted := c.owed
	c.left += granted
	c.owed = 0
	return granted
}

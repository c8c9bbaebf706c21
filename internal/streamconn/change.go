package streamconn

// change lets goroutines wait until something has changed. It needs the lock of what
// it is about.
type change struct {
	news chan struct{} // closed by the next tell; nil: nobody waits for it
}

// next returns what the next tell closes.
func (c *change) next() <-chan struct{} {
	if c.news == nil {
		c.news = make(chan struct{})
	}
	return c.news
}

// tell wakes all that wait.
func (c *change) tell() {
	if c.news != nil {
		close(c.news)
		c.news = nil
	}
}

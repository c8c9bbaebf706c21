package wspoll

// read reads once from the socket, through TLS if there is some. dry says that there
// is nothing more for now.
func (c *Conn) read(p []byte) (n int, dry bool, err error) {
	if t := c.tls(); t != nil {
		n, dry, err = t.read(c.loop.poll, c.socket, p)
		if t.wire.waiting() > 0 { // reading has written
			c.Flush()
		}
		return n, dry, err
	}
	return c.loop.poll.read(c.socket, p)
}

// write writes to the socket, through TLS if there is some. full says that it takes
// no more for now. It needs c.mu.
func (c *Conn) write(p []byte) (n int, full bool, err error) {
	if t := c.tls(); t != nil {
		return t.write(c.loop.poll, c.socket, p)
	}
	if len(p) == 0 {
		return 0, false, nil
	}
	n, err = c.loop.poll.write(c.socket, p)
	return n, n < len(p), err
}

// sending returns how many bytes are on their way to the socket. It needs c.mu.
func (c *Conn) sending() int {
	n := c.out.Len()
	if t := c.tls(); t != nil {
		n += t.wire.waiting()
	}
	return n
}

// heard notes what a read has found: whether the socket is dry. A socket whose peer
// has ended is read up to the end, which no report announces again.
func (c *Conn) heard(n int, dry bool) {
	if dry && (n == 0 || !c.ready.has(ended)) {
		c.ready &^= readable
	}
}

func (c *Conn) tls() *tlsLayer {
	if c.extra == nil {
		return nil
	}
	return c.extra.tls
}

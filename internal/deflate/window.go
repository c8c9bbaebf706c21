package deflate

// window is what a message is compressed from: the history, then the block
// that is being gathered. Only what own holds is kept between messages.
type window struct {
	buf   []byte // own, or borrowed for a message that is too long for it
	block int    // where the block begins
	base  uint16 // the position of buf[0], modulo 65,536
	own   []byte
}

// ownSize returns the size of the memory in which n bytes with their padding
// can stay between messages, 1.25 times a power of two, or 0 if they are too
// many. At bits 15 that is up to 40 KiB: the slack behind the history spares
// most messages that it is moved.
func ownSize(n, bits int) int {
	for k := min(10, bits); k <= bits; k++ {
		if size := 1<<k + max(1<<k/4, 512); size >= n {
			return size
		}
	}
	return 0
}

// gather appends to the block what it takes of src.
func (c *Compressor) gather(src []byte) (n int) {
	w := &c.window
	n = min(len(src), maxBlock-(len(w.buf)-w.block))
	if n > 0 && cap(w.buf)-len(w.buf) < n+padding {
		c.makeRoom(n)
	}
	w.buf = append(w.buf, src[:n]...)
	return n
}

// makeRoom makes room for n more bytes and their padding. The bytes that are
// out of reach go.
func (c *Compressor) makeRoom(n int) {
	w := &c.window
	gone := max(w.block-1<<c.bits, 0)
	rest := w.buf[gone:]
	need := len(rest) + n + padding
	to := w.own
	if size := ownSize(need, int(c.bits)); !c.takeover || size == 0 {
		to = c.work.buffer(need)
	} else if cap(w.own) < need {
		to = make([]byte, 0, size)
		w.own = to
	}
	w.buf = to[:copy(to[:len(rest)], rest)]
	w.block -= gone
	w.base += uint16(gone)
}

// settle ends a message: what the next one may refer to stays.
func (c *Compressor) settle() {
	w := &c.window
	w.block = len(w.buf)
	if !c.takeover {
		c.window, c.finder, c.class = window{}, finder{}, 0
		return
	}
	if len(w.buf) > 0 && (cap(w.own) == 0 || &w.buf[:1][0] != &w.own[:1][0]) {
		c.makeRoom(0)
	}
}

// tables sees to it that the tables are large enough for the block.
func (c *Compressor) tables(k *block, s *search) {
	class := min(classOf(2*len(k.b)), int(c.bits)) // half full, entries collide less
	if class <= int(c.class) {
		return
	}
	c.class = uint8(class)
	head, prev := 1<<min(class, s.bits), 0
	if s.depth > 0 {
		prev = 1 << class
	}
	c.finder.factor = factor(s.hashed(class))
	if c.takeover {
		c.finder.use(make([]uint16, head), make([]uint16, prev), k)
	} else {
		c.finder.use(zeroed(&c.work.head, head), zeroed(&c.work.prev, prev), k)
	}
}

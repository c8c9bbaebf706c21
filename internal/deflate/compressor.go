package deflate

import "fmt"

// Levels, as in compress/flate.
const (
	HuffmanOnly = -2 // no matches: no history, whether it was agreed on or not
	Fastest     = 1
	Default     = 6
	Best        = 9
)

// Bounds of the window bits (RFC 7692, section 7.1.2).
const (
	MinBits = 8
	MaxBits = 15
)

// Compressor compresses the messages of one direction of one connection. It is
// not usable before Reset, and not safe for concurrent use. It must not be
// copied.
type Compressor struct {
	bits     uint8
	class    uint8 // of the finder's tables
	level    int8
	takeover bool
	window   window
	finder   finder
	work     *work // from the first byte of a message to its last
}

// Reset makes c ready for a connection, with a window of 1<<bits bytes. With
// takeover a message may refer to what the messages before it contain. It
// forgets everything, also a message that has not ended. It panics if bits or
// level is out of range.
func (c *Compressor) Reset(bits, level int, takeover bool) {
	if bits < MinBits || bits > MaxBits {
		panic(fmt.Sprintf("deflate: window bits %d are not from 8 to 15", bits))
	}
	if level != HuffmanOnly && (level < Fastest || level > Best) {
		panic(fmt.Sprintf("deflate: level %d is neither HuffmanOnly nor from 1 to 9", level))
	}
	if c.work != nil {
		c.work.release()
	}
	*c = Compressor{bits: uint8(bits), level: int8(level), takeover: takeover && level != HuffmanOnly}
}

// Bound returns how many octets a message of n bytes becomes at most.
func Bound(n int) int {
	const perBlock = storedLengthBytes + 2 // its header may begin another octet
	return n + (n+maxBlock-1)/maxBlock*perBlock + 1
}

// AppendMessage appends src, compressed as a whole message, to dst, which
// grows as needed. It panics while a message that Compress has begun is not
// complete.
func (c *Compressor) AppendMessage(dst, src []byte) []byte {
	if c.work != nil {
		panic("deflate: AppendMessage inside a message")
	}
	w := works.Get().(*work)
	c.work = w
	w.out = dst
	src = src[c.gather(src):]
	for len(src) > 0 {
		c.writeBlock()
		src = src[c.gather(src):]
	}
	c.writeEnd()
	dst = w.out
	c.finish()
	return dst
}

// Compress compresses more of a message. It appends to dst, at most as much as
// its capacity allows, and returns the result and how many bytes of src it has
// consumed. It is called again with the rest of src, or with more; with no
// bytes too. It holds back up to 65,535 bytes.
//
// fin says that the message ends with src: once all of src is consumed and dst
// has room left, it is complete. src is not kept.
func (c *Compressor) Compress(dst, src []byte, fin bool) (out []byte, consumed int) {
	if c.work == nil {
		if len(src) == 0 && !fin {
			return dst, 0
		}
		c.work = works.Get().(*work)
		c.work.out = c.work.pending[:0]
	}
	w := c.work
	for {
		var drained bool
		if dst, drained = w.drain(dst); !drained {
			return dst, consumed
		}
		if w.ended {
			if len(dst) < cap(dst) {
				c.finish()
			}
			return dst, consumed
		}
		consumed += c.gather(src[consumed:])
		switch {
		case consumed < len(src):
			c.writeBlock()
		case fin:
			c.writeEnd()
			w.ended = true
		default:
			return dst, consumed
		}
	}
}

// drain moves output that waits into the room of dst, and reports whether
// nothing is left.
func (w *work) drain(dst []byte) (out []byte, drained bool) {
	n := copy(dst[len(dst):cap(dst)], w.out[w.drained:])
	dst = dst[:len(dst)+n]
	if w.drained += n; w.drained < len(w.out) {
		return dst, false
	}
	w.pending, w.out, w.drained = w.out, w.out[:0], 0
	return dst, true
}

// writeBlock writes the block that has been gathered.
func (c *Compressor) writeBlock() {
	w := &c.window
	k := block{b: w.buf, start: w.block, base: w.base, window: 1 << c.bits}
	clear(k.padded()[len(k.b):])
	b := w.buf[w.block:]
	w.block = len(w.buf)
	if c.level == HuffmanOnly {
		c.work.block(b, &parse{literals: b}, huffmanOnly.tiny)
		return
	}

	s := &searches[c.level]
	c.tables(&k, s)
	p := &c.work.parsed
	p.reset(len(b))
	if s.depth == 0 {
		c.finder.fast(p, &k)
	} else {
		c.finder.chain(p, &k, s)
	}
	c.work.block(b, p, s.tiny)
}

// writeEnd writes the last block and the end of the message.
func (c *Compressor) writeEnd() {
	if c.window.block < len(c.window.buf) {
		c.writeBlock()
	}
	c.work.reserve(blockHeaderBits)
	c.work.end()
}

// finish ends a message whose octets are all gone.
func (c *Compressor) finish() {
	c.settle()
	c.work.release()
	c.work = nil
}

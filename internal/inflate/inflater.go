package inflate

import "encoding/binary"

// Inflater decodes messages, one after the other. It is made by New or made
// ready by Reset, and used by one goroutine at a time.
//
// Between messages it holds its window and nothing else; none without
// context takeover.
type Inflater struct {
	window   window
	takeover bool

	state state
	final bool // the block that is being read is the last of its stream
	held  bitBuffer
	tail  uint8 // how many octets of tail have been read
	err   error

	tables *tables // of the block that is being read; nil between messages
	stored int     // how much of a stored block is to come
	match  match   // what is left of a string that there was no room for
}

type state uint8

const (
	atHeader state = iota
	inStored
	inDescription
	inCodes
	inMatch
)

// New returns an Inflater; see Reset.
func New(windowBits int, takeover bool) *Inflater {
	f := new(Inflater)
	f.Reset(windowBits, takeover)
	return f
}

// Reset makes f ready for the first message of a stream whose distances are
// at most 1<<windowBits, 8 to 15. With 8 bits, distances of up to 512 are
// taken: that is what zlib makes of 8, and so do the peers that use it.
// takeover says that a message may refer to those before it.
func (f *Inflater) Reset(windowBits int, takeover bool) {
	if windowBits < 8 || windowBits > 15 {
		panic("inflate: window bits must be 8 to 15")
	}
	f.release()
	*f = Inflater{takeover: takeover, window: window{size: 1 << max(windowBits, 9)}}
}

// tail is what the sender has removed from the end of a message: an empty
// stored block without its first three bits (RFC 7692, 7.2.1).
var tail = [4]byte{0x00, 0x00, 0xff, 0xff}

// Inflate decodes src, which follows what was consumed before. It appends to
// dst, never more than its capacity allows, and returns the result and how
// much of src it has consumed; what lies between the result and its capacity
// may have been overwritten. fin says that the message ends with src. It is
// complete, and the next call begins another one, if fin is set, all of src
// is consumed and the result has room left; otherwise Inflate is to be called
// again with the rest of src, also of no bytes, and with room.
//
// A message that ends where its last block does, without the bits of an empty
// stored block, is complete too, as is one of no bytes: some senders end a
// stream with each message (RFC 7692, 7.2.3.4), and there is no other way to
// read it.
//
// An error is an Error. What was decoded in front of the fault is in out.
func (f *Inflater) Inflate(dst, src []byte, fin bool) (out []byte, consumed int, err error) {
	if f.err != nil {
		return dst, 0, f.err
	}
	c := cursor{src: src, out: dst[:cap(dst)], pos: len(dst), base: len(dst)}
	complete, err := f.decode(&c, fin)
	switch out = c.out[:c.pos]; {
	case err != nil:
		f.fail(err)
	case complete && c.pos < len(c.out):
		f.endMessage(out[c.base:])
	default:
		f.keep(out[c.base:])
	}
	return out, c.in, err
}

// decode decodes until something is missing or the message has ended.
func (f *Inflater) decode(c *cursor, fin bool) (complete bool, err error) {
	stop, err := f.run(c)
	if stop == needsInput && fin {
		return f.end(c)
	}
	return false, err
}

// end reads the tail, unless the message has ended between two blocks.
func (f *Inflater) end(c *cursor) (complete bool, err error) {
	if f.tail == 0 && f.betweenBlocks() {
		return true, nil
	}
	t := *c
	t.src, t.in = tail[f.tail:], 0
	stop, err := f.run(&t)
	f.tail += uint8(t.in)
	c.pos = t.pos
	if stop != needsInput {
		return false, err
	}
	if !f.betweenBlocks() {
		return false, ErrUnexpectedEnd
	}
	return true, nil
}

func (f *Inflater) betweenBlocks() bool { return f.state == atHeader && f.held.n == 0 }

// keep writes to the window what a later call may refer to.
func (f *Inflater) keep(p []byte) {
	if len(p) == 0 {
		return
	}
	if !f.takeover {
		f.window.borrow()
	}
	f.window.write(p)
}

func (f *Inflater) endMessage(p []byte) {
	if f.takeover && len(p) > 0 {
		f.window.write(p)
	}
	f.tail = 0
	f.release()
}

func (f *Inflater) fail(err error) {
	f.err = err
	f.release()
}

// release gives back what is needed inside a message only.
func (f *Inflater) release() {
	f.dropTables()
	if !f.takeover {
		f.window.giveBack()
	}
}

// stop is why decoding cannot go on.
type stop uint8

const (
	goesOn stop = iota
	needsInput
	needsRoom
	failed
)

// run decodes until something is missing. The error is set if it has failed.
func (f *Inflater) run(c *cursor) (s stop, err error) {
	for s == goesOn {
		switch f.state {
		case atHeader:
			s, err = f.header(c)
		case inStored:
			s = f.copyStored(c)
		case inDescription:
			s, err = f.describe(c)
		case inCodes:
			f.codesFast(c)
			s, err = f.codes(c)
		case inMatch:
			s = f.copyMatch(c)
		}
	}
	return s, err
}

// cursor is where a call stands in the bytes that it was given.
type cursor struct {
	src []byte
	in  int // how much of src is read

	out  []byte // with all of its capacity
	pos  int    // where the next byte goes
	base int    // where the output of this call begins
}

// bitBuffer holds what was read from the input and not yet used, the first bit
// lowest. There are n bits, the others are zero.
type bitBuffer struct {
	hold uint64
	n    uint
}

// need reads until there are n bits, at most 56.
func (b *bitBuffer) need(c *cursor, n uint) bool {
	for b.n < n {
		if c.in == len(c.src) {
			return false
		}
		b.hold |= uint64(c.src[c.in]) << b.n
		b.n += 8
		c.in++
	}
	return true
}

// fill reads as many bits as fit, without waiting for more than there are.
func (b *bitBuffer) fill(c *cursor) {
	if c.in+8 > len(c.src) {
		b.need(c, 56)
		return
	}
	b.hold |= binary.LittleEndian.Uint64(c.src[c.in:]) << (b.n & 63)
	c.in += int((63 - b.n) >> 3)
	b.n |= 56
	b.hold &= 1<<b.n - 1
}

func (b *bitBuffer) peek(n uint) uint { return uint(b.hold) & (1<<n - 1) }

func (b *bitBuffer) skip(n uint) {
	b.hold >>= n & 63
	b.n -= n
}

func (b *bitBuffer) take(n uint) uint {
	v := b.peek(n)
	b.skip(n)
	return v
}

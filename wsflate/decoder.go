package wsflate

import (
	"math"

	"github.com/wirews/wirews/internal/inflate"
)

// Decoder is the receiving half of the extension: it inflates what the peer
// has compressed. It implements wsproto.Decoder. [Deflate.Decoder] returns one;
// it must not be used by two goroutines at once. The zero value is not usable;
// nil stands for no extension, as a nil [*Deflate] does.
// What lies between a result and its capacity may have been overwritten.
//
// While a message is being decoded it borrows tables of about 32 KiB from a
// pool. Between messages it holds its window, which is no longer than what has
// been received and than what was agreed on; without context takeover nothing.
type Decoder struct {
	inflater inflate.Inflater
	maxSize  int64
	maxRatio int64

	// Of this message:
	received, inflated int64
	open               bool // some of it is decoded, and not all

	bits     WindowBits
	takeover bool
	err      error
}

func (d *Decoder) init(bits WindowBits, takeover bool, o *Options) {
	d.inflater.Reset(int(bits), takeover)
	d.bits, d.takeover = bits, takeover
	d.maxSize, d.maxRatio = o.maxSize(), o.maxRatio()
}

// Bits returns RSV1, as in ws.Header.Rsv.
func (d *Decoder) Bits() byte {
	if d == nil {
		return 0
	}
	return bit
}

// BeginDecode begins a message; rsv are the bits of its first frame. It
// returns false if the message is not compressed. The error is [ErrUnfinished]
// if the message before was not decoded to its end and, because of context
// takeover, would have had to be.
func (d *Decoder) BeginDecode(rsv byte) (decode bool, err error) {
	if d == nil {
		return false, nil
	}
	if d.open && d.err == nil {
		d.abandon()
	}
	d.received, d.inflated = 0, 0
	d.open = false
	return rsv&bit != 0, d.err
}

func (d *Decoder) abandon() {
	if d.takeover {
		d.err = ErrUnfinished
		return
	}
	d.inflater.Reset(int(d.bits), false)
}

// Decode inflates more of the message; see wsproto.Decoder. What is inflated
// in front of a fault or a limit is in out. The error is a [*CorruptError],
// [ErrTooLarge] or [ErrRatio], and is returned from then on.
func (d *Decoder) Decode(dst, src []byte, fin bool) (out []byte, consumed int, err error) {
	if d.err != nil {
		return dst, 0, d.err
	}
	out, consumed, err = d.inflater.Inflate(dst, src, fin)
	if err != nil {
		err = &CorruptError{err}
	}
	d.received += int64(consumed)
	d.inflated += int64(len(out) - len(dst))
	if over := d.inflated - d.maxSize; d.maxSize >= 0 && over > 0 {
		out, err = out[:max(len(dst), len(out)-int(over))], ErrTooLarge
	} else if d.maxRatio >= 0 && d.inflated > ratioFloor && d.inflated/d.maxRatio > d.received {
		err = ErrRatio
	}
	d.err = err
	d.open = d.received > 0 && (!fin || consumed < len(src) || len(out) == cap(dst))
	return out, consumed, err
}

// DecodeAppend appends to dst what the message p inflates to, and returns the
// result: dst grows with what comes out, never beyond a limit. It does what
// BeginDecode and Decode do, for a message that is there as a whole. With an
// error, which is one of theirs, dst is returned as it was.
func (d *Decoder) DecodeAppend(dst, p []byte) ([]byte, error) {
	if _, err := d.BeginDecode(bit); err != nil {
		return dst, err
	}
	limit, over := d.limit(int64(len(p)))
	out, whole, err := d.inflater.DecodeAppend(dst, p, limit)
	switch {
	case err != nil:
		d.err = &CorruptError{err}
	case !whole:
		d.err = over
	}
	if d.err != nil {
		return dst, d.err
	}
	return out, nil
}

// limit returns how many bytes a message of n bytes may inflate to, and the
// error for more.
func (d *Decoder) limit(n int64) (limit int, over error) {
	size, ratio := int64(math.MaxInt), int64(math.MaxInt)
	if d.maxSize >= 0 {
		size = min(size, d.maxSize)
	}
	if d.maxRatio >= 0 && n < ratio/d.maxRatio-1 {
		ratio = max(ratioFloor, d.maxRatio*(n+1)-1)
	}
	if ratio < size {
		return int(ratio), ErrRatio
	}
	return int(size), ErrTooLarge
}

// reset gives back what is borrowed, and forgets the window.
func (d *Decoder) reset() { d.inflater.Reset(maxBits, false) }

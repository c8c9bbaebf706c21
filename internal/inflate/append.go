package inflate

import "slices"

// DecodeAppend decodes src, a whole message, and appends it to dst, which
// grows with what comes out. It stops where more than limit bytes would, and
// reports with whole that it did not have to; if it had to, f is of no use up
// to Reset. It must not be called inside of a message. An error is that of
// Inflate.
//
// It is faster than Inflate with a room that does not suffice: what was put
// out stays where a later string can be copied from.
func (f *Inflater) DecodeAppend(dst, src []byte, limit int) (out []byte, whole bool, err error) {
	if f.err != nil {
		return dst, false, f.err
	}
	c := cursor{src: src, out: dst, pos: len(dst), base: len(dst)}
	for c.useRoom(limit); ; c.grow(limit) {
		if whole, err = f.decode(&c, true); whole || err != nil || c.pos-c.base == limit {
			break
		}
	}
	out = c.out[:c.pos]
	if err != nil {
		f.fail(err)
	} else {
		f.endMessage(out[c.base:])
	}
	return out, whole, err
}

// leastRoom is the least that DecodeAppend makes room for.
const leastRoom = 512

// grow makes more room: as much as was used, at first what src is likely to
// become, but never for more than limit bytes.
func (c *cursor) grow(limit int) {
	used := c.pos - c.base
	n := max(used, 4*len(c.src), leastRoom)
	c.out = slices.Grow(c.out, min(n, limit-used))
	c.useRoom(limit)
}

// useRoom takes all capacity as room that limit allows.
func (c *cursor) useRoom(limit int) {
	n := cap(c.out)
	if limit < n-c.base {
		n = c.base + limit
	}
	c.out = c.out[:n]
}

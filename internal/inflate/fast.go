package inflate

import "encoding/binary"

const (
	fastInput = 8  // octets that are loaded at once
	fastRoom  = 32 // what a copy may write behind its end

	// A load of 16 bytes that were stored by two stores a moment ago waits for
	// both. From this distance on they are done.
	near = 64
)

// plenty says that codesFast can go on.
func (c *cursor) plenty() bool {
	return c.in+fastInput <= len(c.src) && c.pos+fastRoom <= len(c.out)
}

// codesFast decodes symbols of a block while input and room are plenty. What
// is out of the ordinary, as every fault is, it leaves to codes: what it has
// not decoded it has not touched. It calls nothing but repeat, so that all it
// works with stays in registers.
func (f *Inflater) codesFast(c *cursor) {
	lit, dist := &f.tables.lit, &f.tables.dist
	hold, n := f.held.hold, f.held.n
	src, in := c.src, c.in
	out, pos := c.out, c.pos
	reach := c.base
	for in+fastInput <= len(src) && pos+fastRoom <= len(out) {
		// Bits above n are loaded again, as what they are already. There are
		// 56 at least. Three literals take at most 30, a length with its
		// distance at most 48.
		hold |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
		in += int((63 - n) >> 3)
		n |= 56

		e := lit[hold&(1<<litBits-1)]
		if e&flagLiteral != 0 {
			to := (*[3]byte)(out[pos:])
			hold, n = hold>>(e&63), n-uint(e&63)
			to[0] = byte(e >> 16)
			pos++
			if e = lit[hold&(1<<litBits-1)]; e&flagLiteral != 0 {
				hold, n = hold>>(e&63), n-uint(e&63)
				to[1] = byte(e >> 16)
				pos++
				if e = lit[hold&(1<<litBits-1)]; e&flagLiteral != 0 {
					hold, n = hold>>(e&63), n-uint(e&63)
					to[2] = byte(e >> 16)
					pos++
					continue
				}
			}
			if n < 48 {
				continue
			}
		}
		if e&flagOther != 0 {
			if e&flagSecond == 0 {
				break
			}
			e = lit[e>>16&0x7fff+uint32(hold>>litBits)&(1<<(e&15)-1)]
			if e&flagLiteral != 0 {
				hold, n = hold>>(e&63), n-uint(e&63)
				out[pos] = byte(e >> 16)
				pos++
				continue
			}
			if e&flagOther != 0 {
				break
			}
		}
		rest := hold >> (e & 63)
		d := dist[rest&(1<<distBits-1)]
		if d&flagOther != 0 {
			if d&flagSecond == 0 {
				break
			}
			d = dist[d>>16&0x7fff+uint32(rest>>distBits)&(1<<(d&15)-1)]
			if d&flagOther != 0 {
				break
			}
		}
		end := pos + int(e>>16) + int(hold&(1<<(e&63)-1)>>(e>>8&15))
		distance := int(d>>16) + int(rest&(1<<(d&63)-1)>>(d>>8&15))
		from := pos - distance
		if end+fastRoom > len(out) || distance > f.window.size {
			break
		}
		if from < reach {
			// In the window, if all of it is and is in one piece. What reaches
			// behind the first byte ends up behind those that are held.
			old := f.window.buf[:f.window.held] // a ring, once it is full
			back := reach - from
			if from = f.window.next - back; from < 0 {
				from += f.window.size
			}
			if end-pos > back || from+end-pos+fastRoom > len(old) {
				break
			}
			hold = rest >> (d & 63)
			n -= uint(e&63) + uint(d&63)
			for ; pos < end; pos, from = pos+16, from+16 {
				*(*[16]byte)(out[pos:]) = *(*[16]byte)(old[from:])
			}
			pos = end
			continue
		}
		hold = rest >> (d & 63)
		n -= uint(e&63) + uint(d&63)

		if distance < 16 || distance < near && end-pos > near {
			repeat(out, pos, end, distance)
			pos = end
			continue
		}
		*(*[16]byte)(out[pos:]) = *(*[16]byte)(out[from:])
		*(*[16]byte)(out[pos+16:]) = *(*[16]byte)(out[from+16:])
		for pos, from = pos+32, from+32; pos < end; pos, from = pos+16, from+16 {
			*(*[16]byte)(out[pos:]) = *(*[16]byte)(out[from:])
		}
		pos = end
	}
	f.held = bitBuffer{hold: hold & (1<<n - 1), n: n}
	c.in, c.pos = in, pos
}

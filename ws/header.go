package ws

import "encoding/binary"

// Sizes of a frame header in bytes: two bytes, up to eight of extended
// payload length, up to four of masking key (RFC 6455, section 5.2).
const (
	MinHeaderSize = 2
	MaxHeaderSize = 14
)

// MaxControlFramePayloadSize is the most that a control frame can carry, in
// bytes (RFC 6455, section 5.5).
const MaxControlFramePayloadSize = 125

const (
	finBit  = 0x80
	maskBit = 0x80

	len16 = 126 // a 16-bit length follows
	len64 = 127 // a 64-bit length follows
)

// Header is the header of a frame (RFC 6455, section 5.2). The zero value is
// the header of an empty continuation fragment.
type Header struct {
	Fin    bool
	Rsv    byte // RSV1 to RSV3 as the bits 4, 2 and 1
	OpCode OpCode
	Masked bool
	Mask   [4]byte // the masking key, if Masked
	Length int64   // of the payload, in bytes
}

// Rsv1 reports whether RSV1 is set.
func (h Header) Rsv1() bool { return h.Rsv&4 != 0 }

// Rsv2 reports whether RSV2 is set.
func (h Header) Rsv2() bool { return h.Rsv&2 != 0 }

// Rsv3 reports whether RSV3 is set.
func (h Header) Rsv3() bool { return h.Rsv&1 != 0 }

// Rsv packs RSV1 to RSV3 as Header.Rsv holds them.
func Rsv(r1, r2, r3 bool) (rsv byte) {
	if r1 {
		rsv |= 4
	}
	if r2 {
		rsv |= 2
	}
	if r3 {
		rsv |= 1
	}
	return rsv
}

// RsvBits unpacks what [Rsv] packs.
func RsvBits(rsv byte) (r1, r2, r3 bool) {
	return rsv&4 != 0, rsv&2 != 0, rsv&1 != 0
}

// ParseHeader parses the frame header that b begins with. n is the size of
// the header. If b is a proper prefix of one, the error is [ErrShort] and n the
// least len(b) that can succeed: 2 first, then 2 to 14. On any other error,
// [ErrHeaderLengthMSB] or [ErrHeaderLengthNotMinimal], n is 0. Whether the header
// is allowed where it stands is for [CheckHeader] to say.
func ParseHeader(b []byte) (h Header, n int, err error) {
	n, err = h.Parse(b)
	return h, n, err
}

// Parse is [ParseHeader] into h, which stays as it is with an error. It takes
// less than half of the time: a [Header] that is returned is copied as a whole
// right after it was written in parts, and for that a processor waits.
func (h *Header) Parse(b []byte) (n int, err error) {
	if len(b) < MinHeaderSize {
		return MinHeaderSize, ErrShort
	}
	b0, b1 := b[0], b[1]
	masked, length := b1&maskBit != 0, int64(b1&^maskBit)
	start := MinHeaderSize // of the key, or of the payload
	switch length {
	case len16:
		start += 2
	case len64:
		start += 8
	}
	n = start
	if masked {
		n += 4
	}
	if len(b) < n {
		return n, ErrShort
	}
	switch length {
	case len16:
		if length = int64(binary.BigEndian.Uint16(b[2:])); length < len16 {
			return 0, ErrHeaderLengthNotMinimal
		}
	case len64:
		if length = int64(binary.BigEndian.Uint64(b[2:])); length < 0 {
			return 0, ErrHeaderLengthMSB
		}
		if length <= 0xffff {
			return 0, ErrHeaderLengthNotMinimal
		}
	}
	h.Fin, h.Rsv, h.OpCode = b0&finBit != 0, b0>>4&7, OpCode(b0&0xf)
	h.Masked, h.Mask, h.Length = masked, [4]byte{}, length
	if masked {
		h.Mask = [4]byte(b[start:])
	}
	return n, nil
}

// AppendHeader appends h to dst as it stands on the wire, the length in its
// shortest form. Bits of Rsv and OpCode that do not fit their field are
// masked off. It panics if h.Length is negative. For every header that
// [ParseHeader] accepts, AppendHeader gives the same bytes again.
func AppendHeader(dst []byte, h Header) []byte {
	b0 := h.Rsv&7<<4 | byte(h.OpCode)&0xf
	if h.Fin {
		b0 |= finBit
	}
	var b1 byte
	if h.Masked {
		b1 = maskBit
	}
	switch {
	case h.Length < 0:
		panic(ErrHeaderLengthUnexpected)
	case h.Length < len16:
		dst = append(dst, b0, b1|byte(h.Length))
	case h.Length <= 0xffff:
		dst = append(dst, b0, b1|len16, byte(h.Length>>8), byte(h.Length))
	default:
		dst = append(dst, b0, b1|len64)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.Length))
	}
	if h.Masked {
		dst = append(dst, h.Mask[:]...)
	}
	return dst
}

// HeaderSize returns the size in bytes that [AppendHeader] gives h, or -1 if
// h.Length is negative.
func HeaderSize(h Header) (n int) {
	switch {
	case h.Length < 0:
		return -1
	case h.Length < len16:
		n = 2
	case h.Length <= 0xffff:
		n = 4
	default:
		n = 10
	}
	if h.Masked {
		n += 4
	}
	return n
}

// encodable tells a Header that AppendHeader would bend from one that it
// would not.
func (h Header) encodable() error {
	if h.Length < 0 {
		return ErrHeaderLengthUnexpected
	}
	if h.Rsv > 7 || h.OpCode > 0xf {
		return ErrHeaderBitsUnexpected
	}
	return nil
}

package autobahn

import (
	"encoding/binary"
	"math"
)

// The opcodes of RFC 6455, section 5.2. The others are reserved.
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// The reserved bits of a header, as rsv has them.
const (
	rsv1 = 4
	rsv2 = 2
	rsv3 = 1
)

// maxHeaderSize is the longest header: 2 bytes, 8 of the length, 4 of the key.
const maxHeaderSize = 14

// header is the header of a frame. Nothing of it has to be legal.
type header struct {
	fin    bool
	rsv    byte // 3 bits
	opcode byte // 4 bits
	masked bool
	key    [4]byte
	length uint64
	// form is how many bytes the extended length has: 2, 8, or 0 for none. In a
	// header that is to be written, 0 stands for the shortest form.
	form int
}

func (h header) control() bool { return h.opcode >= 8 }

// shortestForm returns the form that RFC 6455, section 5.2, demands.
func (h header) shortestForm() int {
	switch {
	case h.length < 126:
		return 0
	case h.length <= math.MaxUint16:
		return 2
	}
	return 8
}

// appendHeader appends h to dst. A form that is too short for the length cuts
// the length off.
func appendHeader(dst []byte, h header) []byte {
	first := h.rsv&7<<4 | h.opcode&15
	if h.fin {
		first |= 0x80
	}
	var second byte
	if h.masked {
		second = 0x80
	}
	form := h.form
	if form == 0 {
		form = h.shortestForm()
	}
	switch form {
	case 2:
		dst = binary.BigEndian.AppendUint16(append(dst, first, second|126), uint16(h.length))
	case 8:
		dst = binary.BigEndian.AppendUint64(append(dst, first, second|127), h.length)
	default:
		dst = append(dst, first, second|byte(h.length))
	}
	if h.masked {
		dst = append(dst, h.key[:]...)
	}
	return dst
}

// parseHeader parses the header that b begins with, which has n bytes; n is 0
// if b is too short. Every header parses: the rules are the session's.
func parseHeader(b []byte) (h header, n int) {
	if len(b) < 2 {
		return header{}, 0
	}
	h.fin = b[0]&0x80 != 0
	h.rsv = b[0] >> 4 & 7
	h.opcode = b[0] & 15
	h.masked = b[1]&0x80 != 0
	h.length = uint64(b[1] & 127)
	n = 2
	switch h.length {
	case 126:
		h.form = 2
	case 127:
		h.form = 8
	}
	size := n + h.form
	if h.masked {
		size += len(h.key)
	}
	if len(b) < size {
		return header{}, 0
	}
	switch h.form {
	case 2:
		h.length = uint64(binary.BigEndian.Uint16(b[n:]))
	case 8:
		h.length = binary.BigEndian.Uint64(b[n:])
	}
	if h.masked {
		copy(h.key[:], b[n+h.form:])
	}
	return h, size
}

// mask masks or unmasks p, which begins at that offset of a payload.
func mask(p []byte, key [4]byte, offset int) {
	for i := range p {
		p[i] ^= key[(offset+i)&3]
	}
}

// appendFrame appends a frame with that payload, masked if h says so. h's length
// is the payload's unless it is set.
func appendFrame(dst []byte, h header, payload []byte) []byte {
	if h.length == 0 {
		h.length = uint64(len(payload))
	}
	dst = appendHeader(dst, h)
	start := len(dst)
	dst = append(dst, payload...)
	if h.masked {
		mask(dst[start:], h.key, 0)
	}
	return dst
}

// closePayload returns the payload of a close frame. A code of noCode stands
// for none.
func closePayload(code int, reason []byte) []byte {
	if code == noCode {
		return reason
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

// noCode is the absence of a close code.
const noCode = -1

package wsproto

import (
	"encoding/binary"
	"slices"

	"github.com/wirews/wirews/ws"
)

const (
	finBit  = 0x80
	maskBit = 0x80
)

// firstByte is FIN, RSV1 to RSV3 and the opcode of a frame (RFC 6455, section
// 5.2).
type firstByte byte

func first(fin bool, rsv byte, op ws.OpCode) firstByte {
	b := firstByte(rsv&7<<4) | firstByte(op)
	if fin {
		b |= finBit
	}
	return b
}

func (b firstByte) fin() bool { return b&finBit != 0 }

// appendHeader is ws.AppendHeader without a ws.Header: to put one together in
// memory and take it apart again costs three times what is done with it.
// FuzzSender holds them against each other. mask is 0 or maskBit; the key is
// left to the caller.
func appendHeader(dst []byte, b firstByte, mask byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, byte(b), mask|byte(n))
	case n <= 0xffff:
		return append(dst, byte(b), mask|126, byte(n>>8), byte(n))
	}
	dst = append(dst, byte(b), mask|127)
	return binary.BigEndian.AppendUint64(dst, uint64(n))
}

// appendFrame appends a frame with p as its payload.
func (s *Sender) appendFrame(dst []byte, b firstByte, p []byte) []byte {
	if cap(dst)-len(dst) < ws.MaxHeaderSize+len(p) {
		dst = slices.Grow(dst, s.headerSize(len(p))+len(p)) // once, if at all
	}
	if !s.config().State.ClientSide() {
		return append(appendHeader(dst, b, 0, len(p)), p...)
	}
	key := s.key()
	dst = append(appendHeader(dst, b, maskBit, len(p)), key[:]...)
	return ws.AppendCipher(dst, p, key, 0)
}

// headerSize returns the size of the header of a frame with n bytes.
func (s *Sender) headerSize(n int) int {
	return ws.HeaderSize(ws.Header{Masked: s.config().State.ClientSide(), Length: int64(n)})
}

// seal makes a frame of the payload at the end of dst, after room bytes for
// the header at start. If the header has another size, the payload moves.
func (s *Sender) seal(dst []byte, start, room int, b firstByte) []byte {
	payload := dst[start+room:]
	n := len(payload)
	if size := s.headerSize(n); size != room {
		dst = slices.Grow(dst, max(size-room, 0))[:start+size+n]
		copy(dst[start+size:], payload)
		payload = dst[start+size:]
	}
	if !s.config().State.ClientSide() {
		appendHeader(dst[:start], b, 0, n)
		return dst
	}
	key := s.key()
	_ = append(appendHeader(dst[:start], b, maskBit, n), key[:]...)
	ws.Cipher(payload, key, 0)
	return dst
}

// key returns the masking key of the next frame of a client.
func (s *Sender) key() [4]byte {
	if mask := s.config().Mask; mask != nil {
		return mask()
	}
	return ws.NewMask()
}

package ws

// OpCode is the opcode of a frame, a number of four bits (RFC 6455, section
// 5.2).
type OpCode byte

// The opcodes that RFC 6455, section 11.8, defines.
const (
	OpContinuation OpCode = 0x0
	OpText         OpCode = 0x1
	OpBinary       OpCode = 0x2
	OpClose        OpCode = 0x8
	OpPing         OpCode = 0x9
	OpPong         OpCode = 0xa
)

// IsControl reports whether c is a control opcode: its most significant bit
// is set (RFC 6455, section 5.5).
func (c OpCode) IsControl() bool { return c&0x8 != 0 }

// IsData reports whether c is a data opcode (RFC 6455, section 5.6).
func (c OpCode) IsData() bool { return c&0x8 == 0 }

// IsReserved reports whether c is an opcode that RFC 6455 gives no meaning,
// numbers that do not fit into four bits included.
func (c OpCode) IsReserved() bool {
	return (0x3 <= c && c <= 0x7) || 0xb <= c
}

// String returns the name of c as RFC 6455 uses it, in lower case.
func (c OpCode) String() string {
	switch c {
	case OpContinuation:
		return "continuation"
	case OpText:
		return "text"
	case OpBinary:
		return "binary"
	case OpClose:
		return "close"
	case OpPing:
		return "ping"
	case OpPong:
		return "pong"
	}
	return "reserved"
}
